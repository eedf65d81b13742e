/*
 * sweep.c - run every row of the codec sweep (sweep.h) through every test
 *
 * Input is always decoded from a block of exactly its size, so that the sanitizers see
 * the first byte that is read beyond it.
 */
#include "sweep.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define ROWS(name) extern const struct sweep_row sweep_rows_##name[];
#include "sweep_rows.h"
#undef ROWS

Suite *suite_sweep(void);

static const struct sweep_row *const sweep_tables[] = {
#define ROWS(name) sweep_rows_##name,
#include "sweep_rows.h"
#undef ROWS
    NULL,
};

/* What one pass over a row leaves behind. */
struct pass {
    hi5_status status;
    size_t pos;
    hi5_error err;
};

/* A row's struct, and the memory that decoding it may take. */
struct subject {
    const struct sweep_row *row;
    struct mem mem;
    struct arena arena;
    uint8_t *bytes;
    void *s;
};

static const struct sweep_row *
nth_row(int n)
{
    for (size_t t = 0; sweep_tables[t] != NULL; t++)
        for (const struct sweep_row *r = sweep_tables[t]; r->name != NULL; r++)
            if (n-- == 0)
                return r;
    return NULL;
}

static int
count_rows(void)
{
    int n = 0;

    while (nth_row(n) != NULL)
        n++;
    return n;
}

static unsigned
hex_digit(char c)
{
    const char *const digits = "0123456789abcdef";
    const char *const at = strchr(digits, c >= 'A' && c <= 'F' ? c + ('a' - 'A') : c);

    ck_assert_msg(c != '\0' && at != NULL, "'%c' is no hex digit", c);
    return (unsigned)(at - digits);
}

/* The golden bytes in a block of their exact size; the caller frees it. */
static uint8_t *
golden(const struct sweep_row *r, size_t *n)
{
    uint8_t *const bytes = malloc(strlen(r->hex) / 2 + 1);

    ck_assert_ptr_nonnull(bytes);
    *n = 0;
    for (const char *p = r->hex; *p != '\0';) {
        if (*p == ' ') {
            p++;
            continue;
        }
        bytes[(*n)++] = (uint8_t)(hex_digit(p[0]) << 4 | hex_digit(p[1]));
        p += 2;
    }
    return bytes;
}

static void
subject_init(struct subject *b, const struct sweep_row *r)
{
    b->row = r;
    b->bytes = NULL;
    mem_init_libc(&b->mem);
    arena_init(&b->arena, &b->mem);
    b->s = calloc(1, r->size ? r->size : 1);
    ck_assert_ptr_nonnull(b->s);
}

static void
subject_done(struct subject *b)
{
    free(b->s);
    free(b->bytes);
    arena_done(&b->arena);
    mem_done(&b->mem);
}

static struct pass
run_codec(struct subject *b, struct cur c)
{
    struct pass p = {0};

    c.off_w = (uint8_t)b->row->off_w;
    c.len_w = (uint8_t)b->row->len_w;
    c.addr = 0x800;
    c.arena = &b->arena;
    c.err = &p.err;
    b->row->code(&c, b->s);
    p.status = c.status;
    p.pos = c.pos;
    return p;
}

/* Decode the first n of the bytes into a subject that was just made. */
static struct pass
get(struct subject *b, const uint8_t *bytes, size_t n)
{
    b->bytes = malloc(n ? n : 1);
    ck_assert_ptr_nonnull(b->bytes);
    memcpy(b->bytes, bytes, n);
    return run_codec(b, cur_reader(b->bytes, n, NULL));
}

START_TEST(round_trip)
{
    const struct sweep_row *const r = nth_row(_i);
    struct subject b;
    struct pass p;
    size_t n;
    uint8_t *const bytes = golden(r, &n), *const out = malloc(n + 1);

    subject_init(&b, r);
    p = get(&b, bytes, n);
    ck_assert_msg(p.status == HI5_OK, "%s: GET: %s", r->name, p.err.message);
    ck_assert_msg(p.pos == n, "%s: GET took %zu of %zu bytes", r->name, p.pos, n);

    if (!r->read_only) {
        p = run_codec(&b, cur_writer(out, n, NULL));
        ck_assert_msg(p.status == HI5_OK, "%s: PUT: %s", r->name, p.err.message);
        ck_assert_msg(p.pos == n, "%s: PUT gave %zu of %zu bytes", r->name, p.pos, n);
        for (size_t i = 0; i < n; i++)
            ck_assert_msg(out[i] == bytes[i], "%s: PUT: byte %zu is %02x, not %02x",
                          r->name, i, out[i], bytes[i]);
        p = run_codec(&b, cur_sizer(NULL));
        ck_assert_msg(p.status == HI5_OK, "%s: SIZE: %s", r->name, p.err.message);
        ck_assert_msg(p.pos == n, "%s: SIZE says %zu of %zu bytes", r->name, p.pos, n);
    } else {
        p = run_codec(&b, cur_writer(out, n, NULL));
        ck_assert_msg(p.status == HI5_E_UNSUPPORTED, "%s: is not read-only", r->name);
    }
    subject_done(&b);
    free(out);
    free(bytes);
}
END_TEST

/* A writer must not run past its space, either. */
START_TEST(short_space)
{
    const struct sweep_row *const r = nth_row(_i);
    struct subject b;
    size_t n;
    uint8_t *const bytes = golden(r, &n);

    subject_init(&b, r);
    if (!r->read_only && get(&b, bytes, n).status == HI5_OK)
        for (size_t room = 0; room < n; room++) {
            uint8_t *const out = malloc(room ? room : 1);
            const struct pass p = run_codec(&b, cur_writer(out, room, NULL));

            ck_assert_msg(p.status != HI5_OK, "%s: PUT into %zu of %zu bytes", r->name,
                          room, n);
            free(out);
        }
    subject_done(&b);
    free(bytes);
}
END_TEST

START_TEST(truncations)
{
    const struct sweep_row *const r = nth_row(_i);
    size_t n;
    uint8_t *const bytes = golden(r, &n);

    for (size_t left = 0; left < n; left++) {
        struct subject b;
        struct pass p;

        subject_init(&b, r);
        p = get(&b, bytes, left);
        ck_assert_msg(r->open_ended || p.status != HI5_OK,
                      "%s: %zu of %zu bytes were enough", r->name, left, n);
        ck_assert_msg(p.status != HI5_E_INTERNAL, "%s: %s", r->name, p.err.message);
        subject_done(&b);
    }
    free(bytes);
}
END_TEST

START_TEST(bit_flips)
{
    const struct sweep_row *const r = nth_row(_i);
    size_t n;
    uint8_t *const bytes = golden(r, &n);

    for (size_t bit = 0; bit < 8 * n; bit++) {
        struct subject b;
        struct pass p;

        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        subject_init(&b, r);
        p = get(&b, bytes, n);
        ck_assert_msg(!r->checksummed || p.status != HI5_OK,
                      "%s: bit %zu of byte %zu flipped, unnoticed", r->name, bit % 8,
                      bit / 8);
        ck_assert_msg(p.status != HI5_E_INTERNAL, "%s: %s", r->name, p.err.message);
        subject_done(&b);
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    free(bytes);
}
END_TEST

Suite *
suite_sweep(void)
{
    Suite *const suite = suite_create("sweep");
    TCase *const tc = tcase_create("codecs");
    const int n = count_rows();

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, round_trip, 0, n);
    tcase_add_loop_test(tc, short_space, 0, n);
    tcase_add_loop_test(tc, truncations, 0, n);
    tcase_add_loop_test(tc, bit_flips, 0, n);
    suite_add_tcase(suite, tc);
    return suite;
}
