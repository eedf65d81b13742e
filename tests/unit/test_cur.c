/*
 * test_cur.c - the cursor: one field list, five uses
 */
#include "base/cur.h"
#include "base/lookup3.h"
#include "support.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A structure with a field of every kind. */
struct sample {
    uint8_t a;
    uint16_t b;
    uint32_t c;
    uint64_t d, odd, length, address;
    uint8_t bytes[3];
    const uint8_t *view;
    const char *name;
};

static void
sample_code(struct cur *c, struct sample *s)
{
    cur_begin(c, "SMPL", "X.Y");
    cur_signature(c, "SMPL");
    cur_const(c, "version", 1, 3);
    cur_u8(c, "a", &s->a);
    cur_u16(c, "b", &s->b);
    cur_u32(c, "c", &s->c);
    cur_u64(c, "d", &s->d);
    cur_uint(c, "odd", 3, &s->odd);
    cur_len(c, "length", &s->length);
    cur_addr(c, "address", &s->address);
    cur_reserved(c, 2);
    cur_bytes(c, "bytes", s->bytes, 3);
    cur_view(c, "view", &s->view, 2);
    cur_cstr(c, "name", &s->name);
    cur_pad(c, 8);
    cur_skip(c, "skipped", 1);
    cur_checksum(c);
    cur_require(c, s->a != 99, "a", "99 is not a number");
}

static const struct sample sample = {.a = 0x11,
                                     .b = 0x2322,
                                     .c = 0x37363534,
                                     .d = 0x4f4e4d4c4b4a4948,
                                     .odd = 0x525150,
                                     .length = 0x60,
                                     .address = 0x70,
                                     .bytes = {0x80, 0x81, 0x82},
                                     .view = (const uint8_t *)"\x90\x91",
                                     .name = "hi"};

/* With offsets of 4 and lengths of 2 bytes, but for the checksum */
static const uint8_t sample_bytes[] = {
    'S',  'M',  'P',  'L',  3,    0x11, 0x22, 0x23, 0x34, 0x35, 0x36, 0x37, 0x48, 0x49,
    0x4a, 0x4b, 0x4c, 0x4d, 0x4e, 0x4f, 0x50, 0x51, 0x52, 0x60, 0,    0x70, 0,    0,
    0,    0,    0,    0x80, 0x81, 0x82, 0x90, 0x91, 'h',  'i',  0,    0,    0};
#define SAMPLE_SIZE (sizeof sample_bytes + 4)

static void
sample_stored(uint8_t *out)
{
    const uint32_t sum = lookup3(sample_bytes, sizeof sample_bytes, 0);

    memcpy(out, sample_bytes, sizeof sample_bytes);
    for (unsigned i = 0; i < 4; i++)
        out[sizeof sample_bytes + i] = (uint8_t)(sum >> 8 * i);
}

static struct cur
narrow(struct cur c)
{
    c.off_w = 4;
    c.len_w = 2;
    return c;
}

static void
check_sample(const struct sample *s)
{
    ck_assert(s->a == sample.a && s->b == sample.b && s->c == sample.c);
    ck_assert(s->d == sample.d && s->odd == sample.odd);
    ck_assert(s->length == sample.length && s->address == sample.address);
    ck_assert_mem_eq(s->bytes, sample.bytes, 3);
    ck_assert_mem_eq(s->view, sample.view, 2);
    ck_assert_str_eq(s->name, "hi");
}

START_TEST(test_uses)
{
    uint8_t stored[SAMPLE_SIZE], out[SAMPLE_SIZE];
    struct sample s = sample, t;
    hi5_error err;
    struct cur c = narrow(cur_sizer(&err));

    sample_stored(stored);
    sample_code(&c, &s);
    ck_assert(cur_ok(&c) && c.pos == SAMPLE_SIZE);
    memset(out, 0xee, sizeof out);
    c = narrow(cur_writer(out, sizeof out, &err));
    sample_code(&c, &s);
    ck_assert_msg(cur_ok(&c), "%s", err.message);
    ck_assert_mem_eq(out, stored, SAMPLE_SIZE);
    memset(&t, 0xee, sizeof t);
    c = narrow(cur_reader(stored, sizeof stored, &err));
    sample_code(&c, &t);
    ck_assert_msg(cur_ok(&c), "%s", err.message);
    ck_assert(cur_reading(&c) && cur_left(&c) == 0);
    check_sample(&t);
}
END_TEST

/* Every truncation, reading and writing; what could not be read is zero, and the first
 * failure is the one that is told. */
START_TEST(test_short)
{
    uint8_t stored[SAMPLE_SIZE];
    hi5_error err;

    sample_stored(stored);
    for (size_t n = 0; n < SAMPLE_SIZE; n++) {
        uint8_t *const p = malloc(n + 1); /* its end is the end */
        struct sample t;
        struct cur c;

        memcpy(p + 1, stored, n);
        memset(&t, 0xee, sizeof t);
        c = narrow(cur_reader(p + 1, n, &err));
        c.addr = 1000;
        sample_code(&c, &t);
        ck_assert_int_eq(c.status, HI5_E_TRUNCATED);
        ck_assert_uint_eq(cur_left(&c), 0);
        ck_assert(err.address >= 1000 && err.address <= 1000 + n);
        ck_assert_str_eq(err.structure, "SMPL");
        ck_assert_str_eq(err.section, "X.Y");
        if (n < 29)
            ck_assert(t.address == 0 && t.bytes[2] == 0 && t.view == NULL);
        ck_assert(n > 7 || t.b == 0);
        memset(p, 0xee, n + 1);
        t = sample;
        c = narrow(cur_writer(p + 1, n, &err));
        sample_code(&c, &t);
        ck_assert_int_eq(c.status, HI5_E_TRUNCATED);
        check_sample(&t); /* writing does not touch what is written */
        free(p);
    }
}
END_TEST

/* Every bit counts: but for the two reserved bytes and what is skipped, the checksum says
 * so, or something before it. */
START_TEST(test_bits)
{
    uint8_t stored[SAMPLE_SIZE];
    hi5_error err;

    sample_stored(stored);
    for (size_t bit = 0; bit < 8 * SAMPLE_SIZE; bit++) {
        struct sample t;
        struct cur c = narrow(cur_reader(stored, sizeof stored, &err));

        stored[bit / 8] ^= (uint8_t)(1u << bit % 8);
        sample_code(&c, &t);
        ck_assert(!cur_ok(&c) && err.message[0] != '\0');
        stored[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}
END_TEST

START_TEST(test_errors)
{
    uint8_t stored[SAMPLE_SIZE], out[SAMPLE_SIZE];
    struct sample s = sample;
    hi5_error err;
    struct cur c;

    sample_stored(stored);
    stored[3] = 'X';
    c = narrow(cur_reader(stored, sizeof stored, &err));
    c.addr = 0x100;
    sample_code(&c, &s);
    ck_at(&err, 0x100, "SMPL", "signature: expected \"SMPL\"");
    ck_assert_int_eq(err.status, HI5_E_CORRUPT);
    stored[3] = 'L';
    stored[4] = 4;
    c = narrow(cur_reader(stored, sizeof stored, &err));
    c.addr = 0x100;
    sample_code(&c, &s);
    ck_at(&err, 0x104, "SMPL", "version: 4, expected 3");
    stored[4] = 3;
    stored[20] ^= 1;
    c = narrow(cur_reader(stored, sizeof stored, &err));
    c.addr = 0x100;
    sample_code(&c, &s);
    ck_at(&err, 0x100 + sizeof sample_bytes, "SMPL", "checksum: ");
    ck_assert_int_eq(err.status, HI5_E_CHECKSUM);
    /* The writer refuses what the reader would. */
    s = sample;
    s.a = 99;
    c = narrow(cur_writer(out, sizeof out, &err));
    sample_code(&c, &s);
    ck_assert_int_eq(c.status, HI5_E_CORRUPT);
    ck_assert_str_eq(err.cause, "99 is not a number");
    /* And what does not fit its field. */
    s = sample;
    s.odd = 1u << 24;
    c = narrow(cur_sizer(&err));
    sample_code(&c, &s);
    ck_assert_int_eq(c.status, HI5_E_RANGE);
    ck_assert_str_eq(err.field, "odd");
    s = sample;
    s.length = 0x10000;
    c = narrow(cur_writer(out, sizeof out, NULL));
    sample_code(&c, &s);
    ck_assert_int_eq(c.status, HI5_E_RANGE);
}
END_TEST

/* Addresses and lengths of each width: all-ones is none, the rest a number. */
START_TEST(test_widths)
{
    static const unsigned widths[] = {2, 4, 8, 16, 32};

    for (size_t k = 0; k < 5; k++) {
        const unsigned w = widths[k];
        const uint64_t most = w < 8 ? (1ull << 8 * w) - 2 : UINT64_MAX - 1;
        const uint64_t values[] = {0, 1, 0x1234, most, ADDR_NONE};

        for (size_t i = 0; i < 5; i++) {
            uint8_t bytes[32], raw[32];
            uint64_t v = values[i], got = 77;
            hi5_error err;
            struct cur c = cur_writer(bytes, w, &err);

            memset(raw, v == ADDR_NONE ? 0xff : 0, w);
            for (unsigned b = 0; b < w && b < 8; b++)
                raw[b] = (uint8_t)(v >> 8 * b);
            c.off_w = (uint8_t)w;
            cur_addr(&c, "address", &v);
            ck_assert(cur_ok(&c) && c.pos == w);
            ck_assert_mem_eq(bytes, raw, w);
            c = cur_reader(bytes, w, &err);
            c.len_w = (uint8_t)w;
            cur_len(&c, "length", &got);
            ck_assert(cur_ok(&c) && got == v);
            ck_assert_uint_eq(cur_raw_addr(bytes, w), v);
        }
    }
}
END_TEST

/* 16 bytes of which the upper eight are not zero: no number that anybody has. */
START_TEST(test_too_wide)
{
    uint8_t bytes[16] = {1};
    uint64_t v = 77;
    hi5_error err;
    struct cur c = cur_reader(bytes, 16, &err);

    bytes[15] = 1;
    c.off_w = 16;
    cur_addr(&c, "address", &v);
    ck_assert_int_eq(c.status, HI5_E_UNSUPPORTED);
    ck_assert_uint_eq(v, 0);
    c = cur_writer(bytes, 16, &err);
    c.off_w = 2;
    c.len_w = 2;
    v = 0xffff; /* as an address it would read as none */
    cur_len(&c, "length", &v);
    ck_assert(cur_ok(&c));
    cur_addr(&c, "address", &v);
    ck_assert_int_eq(c.status, HI5_E_RANGE);
    c = cur_writer(bytes, 16, &err);
    c.off_w = 2;
    v = 0x10000;
    cur_addr(&c, "address", &v);
    ck_assert_int_eq(c.status, HI5_E_RANGE);
}
END_TEST

START_TEST(test_numbers)
{
    static const uint8_t bytes[8] = {1, 2, 3, 4, 5, 6, 7, 0x88};
    static const uint64_t want[9] = {0,
                                     1,
                                     0x201,
                                     0x30201,
                                     0x04030201,
                                     0x504030201,
                                     0x60504030201,
                                     0x7060504030201,
                                     0x8807060504030201};

    for (unsigned w = 0; w <= 8; w++) {
        uint64_t v = 77;
        struct cur c = cur_reader(bytes, 8, NULL);

        cur_uint(&c, "v", w, &v);
        ck_assert(cur_ok(&c) && v == want[w] && c.pos == w);
        ck_assert_uint_eq(cur_raw_uint(bytes, w), want[w]);
    }
}
END_TEST

/* Windows: their own bounds, their own start, the right addresses; a failure inside is
 * handed back once. */
START_TEST(test_sub)
{
    uint8_t bytes[10] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, b = 0;
    hi5_error err;
    struct cur c = cur_reader(bytes, 10, &err), s;

    c.addr = 500;
    cur_begin(&c, "outer", "A");
    cur_skip(&c, "", 2);
    s = cur_sub(&c, "inner", 4);
    ck_assert(c.pos == 6 && cur_left(&s) == 4 && s.addr == 502);
    cur_begin(&s, "inner", "B");
    cur_u8(&s, "b", &b);
    ck_assert_uint_eq(b, 2);
    cur_pad(&s, 4);
    ck_assert_uint_eq(cur_left(&s), 0); /* counted from the window's start */
    cur_join(&c, &s);
    ck_assert(cur_ok(&c));
    cur_u8(&s, "b", &b);
    ck_assert(!cur_ok(&s) && b == 0);
    ck_at(&err, 506, "inner", "b: the structure runs past its end");
    cur_join(&c, &s);
    ck_assert(c.status == HI5_E_TRUNCATED && cur_left(&c) == 0);
    c = cur_reader(bytes, 10, &err);
    s = cur_sub(&c, "inner", 11);
    ck_assert(!cur_ok(&c) && !cur_ok(&s) && cur_left(&s) == 0);
    cur_u8(&s, "b", &b);
    ck_assert_uint_eq(b, 0);
}
END_TEST

/* Counts are checked before anything is allocated or looped over. EVIL */
START_TEST(test_counts)
{
    const uint8_t bytes[100] = {0};
    struct arena arena;
    struct mem mem;
    hi5_error err;
    struct cur c = cur_reader(bytes, 100, &err);
    unsigned char *p;

    mem_init(&mem, NULL, 10000);
    arena_init(&arena, &mem);
    c.arena = &arena;
    cur_need(&c, "entries", 25, 4);
    cur_need(&c, "entries", 0, 4);
    ck_assert(cur_ok(&c));
    p = cur_alloc(&c, 10, 10);
    ck_assert_ptr_nonnull(p);
    for (unsigned i = 0; i < 100; i++)
        ck_assert_uint_eq(p[i], 0);
    cur_need(&c, "entries", 26, 4);
    ck_assert_int_eq(c.status, HI5_E_TRUNCATED);
    ck_assert_ptr_null(cur_alloc(&c, 1, 1));
    c = cur_reader(bytes, 100, &err);
    cur_need(&c, "entries", UINT64_MAX / 2, 4);
    ck_assert_int_eq(c.status, HI5_E_TRUNCATED);
    c = cur_reader(bytes, 100, &err);
    c.arena = &arena;
    ck_assert_ptr_null(cur_alloc(&c, UINT64_MAX / 2, 4));
    ck_assert_int_eq(c.status, HI5_E_LIMIT);
    c = cur_reader(bytes, 100, &err);
    c.arena = &arena;
    ck_assert_ptr_null(cur_alloc(&c, 100000, 1));
    ck_assert_int_eq(c.status, HI5_E_LIMIT);
    c = cur_reader(bytes, 100, &err);
    ck_assert_ptr_null(cur_alloc(&c, 1, 1));
    ck_assert_int_eq(c.status, HI5_E_INTERNAL);
    arena_done(&arena);
    mem_done(&mem);
}
END_TEST

START_TEST(test_strings)
{
    const char bytes[] = {'a', 'b', 0, 0, 'c', 'd'};
    const char *s = NULL;
    hi5_error err;
    struct cur c = cur_reader(bytes, sizeof bytes, &err);

    cur_cstr(&c, "name", &s);
    ck_assert_str_eq(s, "ab");
    cur_cstr(&c, "name", &s);
    ck_assert_str_eq(s, "");
    ck_assert(cur_ok(&c) && c.pos == 4);
    cur_cstr(&c, "name", &s); /* no NUL before the end */
    ck_assert_int_eq(c.status, HI5_E_TRUNCATED);
    ck_assert_str_eq(s, "");
    ck_assert_str_eq(err.field, "name");
    c = cur_reader(NULL, 0, &err);
    cur_cstr(&c, "name", &s);
    ck_assert(!cur_ok(&c));
}
END_TEST

/* What happens after a failure: nothing, and the first error stays. */
START_TEST(test_sticky)
{
    uint8_t bytes[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    const uint8_t *view = bytes;
    uint16_t v = 7;
    hi5_error err;
    struct cur c = cur_reader(bytes, 8, &err);

    cur_fail(&c, HI5_E_CORRUPT, "first", "number %d", 1);
    cur_fail(&c, HI5_E_LIMIT, "second", "number %d", 2);
    cur_require(&c, false, "third", "number 3");
    cur_u16(&c, "v", &v);
    cur_view(&c, "view", &view, 1);
    cur_bytes(&c, "bytes", bytes, 2);
    cur_skip(&c, "skip", 1);
    cur_checksum(&c);
    cur_read_only(&c);
    ck_assert(v == 0 && view == NULL && c.pos == 0 && c.status == HI5_E_CORRUPT);
    ck_assert(bytes[0] == 0 && bytes[2] == 3);
    ck_assert_str_eq(err.field, "first");
    ck_assert_str_eq(err.cause, "number 1");
}
END_TEST

START_TEST(test_read_only)
{
    uint8_t out[4] = {0};
    struct cur c = cur_reader(out, 4, NULL);

    cur_read_only(&c);
    ck_assert(cur_ok(&c));
    c = cur_writer(out, 4, NULL);
    cur_read_only(&c);
    ck_assert_int_eq(c.status, HI5_E_UNSUPPORTED);
    c = cur_sizer(NULL);
    cur_read_only(&c);
    ck_assert_int_eq(c.status, HI5_E_UNSUPPORTED);
}
END_TEST

/* Somebody who looks over the shoulder */
struct notes {
    struct cur_watch watch;
    unsigned fields, findings, fatal;
    size_t end;
    char last[64];
};

static void
note_field(struct cur_watch *w, const struct cur *c, const char *field, size_t at,
           size_t n, uint64_t value)
{
    struct notes *const k = (struct notes *)w;

    (void)c;
    (void)field;
    (void)value;
    ck_assert_uint_eq(at, k->end); /* no byte is left out */
    k->end = at + n;
    k->fields++;
}

static bool
note_finding(struct cur_watch *w, const struct cur *c, const char *field, size_t at,
             bool fatal, const char *what)
{
    struct notes *const k = (struct notes *)w;

    (void)c;
    (void)at;
    k->findings++;
    k->fatal += fatal;
    snprintf(k->last, sizeof k->last, "%s: %s", field, what);
    return true;
}

START_TEST(test_watch)
{
    struct notes k = {.watch = {note_field, note_finding}};
    uint8_t stored[SAMPLE_SIZE] = {0};
    struct sample t;
    struct cur c = narrow(cur_reader(stored, sizeof stored, NULL));

    sample_stored(stored);
    c.watch = &k.watch;
    sample_code(&c, &t);
    ck_assert(cur_ok(&c) && k.findings == 0);
    ck_assert_uint_eq(k.end, SAMPLE_SIZE);
    ck_assert_uint_ge(k.fields, 15);
    /* Reserved bytes that are not zero: nothing to a reader, a finding to who looks. */
    k.end = k.fields = 0;
    stored[29] = 1;
    c = narrow(cur_reader(stored, sizeof stored, NULL));
    c.watch = &k.watch;
    sample_code(&c, &t);
    ck_assert(k.findings == 2 && k.fatal == 1); /* the checksum is the other */
    ck_assert_int_eq(c.status, HI5_E_CHECKSUM);
    c = cur_reader(stored + 29, 2, NULL);
    cur_reserved(&c, 2);
    cur_expect(&c, false, "x", "y");
    ck_assert(cur_ok(&c));
    c.watch = &k.watch;
    cur_expect(&c, false, "x", "y");
    ck_assert(cur_ok(&c) && k.findings == 3 && k.fatal == 1);
    ck_assert_str_eq(k.last, "x: y");
    cur_require(&c, false, "x", "z");
    ck_assert(k.findings == 4 && k.fatal == 2);
}
END_TEST

Suite *suite_cur(void);

Suite *
suite_cur(void)
{
    Suite *const s = suite_create("cur");
    TCase *const c = tcase_create("cur");

    tcase_add_test(c, test_uses);
    tcase_add_test(c, test_short);
    tcase_add_test(c, test_bits);
    tcase_add_test(c, test_errors);
    tcase_add_test(c, test_widths);
    tcase_add_test(c, test_too_wide);
    tcase_add_test(c, test_numbers);
    tcase_add_test(c, test_sub);
    tcase_add_test(c, test_counts);
    tcase_add_test(c, test_strings);
    tcase_add_test(c, test_sticky);
    tcase_add_test(c, test_read_only);
    tcase_add_test(c, test_watch);
    suite_add_tcase(s, c);
    return s;
}
