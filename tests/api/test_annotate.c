/*
 * test_annotate.c - structures told field by field: each byte once, in order, with the
 * values that the specification gives them, and the place where a decoder stops
 */
#define _XOPEN_SOURCE 700 /* mkstemp */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "patch.h"
#include "support.h"

Suite *suite_annotate(void);

#define MOST_FIELDS 20000

struct told {
    int n, bad, stopped;
    uint64_t leaves;   /* bytes of fields that enclose none */
    uint64_t nothing;  /* of these, bytes that nothing has passed */
    uint64_t from, to; /* count only there */
    struct {
        uint64_t address, size, value;
        unsigned depth;
        bool is_number;
        const char *structure, *field;
        char meaning[64], why[128];
    } f[MOST_FIELDS];
};

static struct told told;

static void
note(void *ctx, const hi5_annotation *a)
{
    (void)ctx;
    ck_assert_int_lt(told.n, MOST_FIELDS);
    ck_assert_uint_le(a->nbytes, a->size);
    told.f[told.n].address = a->address;
    told.f[told.n].size = a->size;
    told.f[told.n].value = a->value;
    told.f[told.n].depth = a->depth;
    told.f[told.n].is_number = a->is_number;
    told.f[told.n].structure = a->structure;
    told.f[told.n].field = a->field;
    snprintf(told.f[told.n].meaning, sizeof told.f[0].meaning, "%s", a->meaning);
    snprintf(told.f[told.n].why, sizeof told.f[0].why, "%s", a->bad ? a->bad : "");
    told.n++;
    told.bad += a->bad != NULL;
    told.stopped += a->stopped;
    if (a->encloses || a->address < told.from || a->address >= told.to)
        return;
    told.leaves += a->size;
    told.nothing += a->field[0] == '\0' ? a->size : 0;
}

static hi5_status
tell(const char *path, const char *object, uint64_t from, uint64_t to, hi5_error *err)
{
    told.n = told.bad = told.stopped = 0;
    told.leaves = told.nothing = 0;
    told.from = from;
    told.to = to;
    return hi5_annotate(path, NULL, object, from, note, NULL, err);
}

/* The field of a structure; fails the test if there is none. */
static int
field(const char *structure, const char *name)
{
    for (int i = 0; i < told.n; i++)
        if (strcmp(told.f[i].structure, structure) == 0 &&
            strcmp(told.f[i].field, name) == 0)
            return i;
    ck_abort_msg("no field %s of %s", name, structure);
    return 0;
}

#define ck_field(structure, name, at, number)                                          \
    do {                                                                               \
        const int i_ = field(structure, name);                                         \
        ck_assert_uint_eq(told.f[i_].address, at);                                     \
        ck_assert(told.f[i_].is_number);                                               \
        ck_assert_uint_eq(told.f[i_].value, number);                                   \
    } while (0)

/* ---- each structure of each file ---- */

struct piece {
    uint64_t at, size, count;
    char structure[32];
};
static struct piece pieces[8192];
static int npieces;

static void
note_piece(void *ctx, const hi5_extent *e)
{
    (void)ctx;
    if (e->use != HI5_USE_METADATA || npieces == 8192)
        return;
    pieces[npieces].at = e->offset;
    pieces[npieces].size = e->size;
    pieces[npieces].count = e->count;
    snprintf(pieces[npieces++].structure, sizeof pieces[0].structure, "%s",
             e->structure);
}

/* Without a signature of their own, and not in an object header; or stored filtered. */
static bool
cannot_be_told(const struct piece *p)
{
    return strcmp(p->structure, "huge object") == 0 ||
           strcmp(p->structure, "heap data") == 0 ||
           strcmp(p->structure, "driver information block") == 0;
}

/* These have room behind what they use. */
static bool
has_room(const char *structure)
{
    static const char *const names[] = {"TREE", "SNOD", "BTIN",        "BTLF", "SMLI",
                                        "MDCI", "FRHP", "cache image", "FSSE"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(structure, names[i]) == 0)
            return true;
    return false;
}

static char names[256][64];

START_TEST(every_structure_is_told)
{
    const int n = good_fixtures(names, 256);
    int structures = 0;

    for (int i = _i; i < n; i += 8) {
        const char *const path = fixture(names[i]);
        hi5_map_totals totals;
        hi5_file_info info;
        hi5_error err;
        hi5_file *f;

        ck_ok(hi5_open(path, NULL, &f, &err), &err);
        hi5_file_get_info(f, &info);
        hi5_close(f, NULL);
        npieces = 0;
        ck_ok(hi5_map(path, NULL, note_piece, NULL, &totals, &err), &err);
        for (int k = 0; k < npieces; k++) {
            const struct piece *const p = &pieces[k];
            const uint64_t at = p->at - info.base_address;
            const hi5_status s = p->at < info.base_address || cannot_be_told(p)
                                     ? HI5_E_NOTFOUND
                                     : tell(path, NULL, at, at + p->size, &err);

            if (s == HI5_E_NOTFOUND &&
                (cannot_be_told(p) || strcmp(p->structure, "FHDB") == 0 ||
                 strcmp(p->structure, "user block") == 0))
                continue;
            ck_assert_msg(s == HI5_OK, "%s: %s at 0x%llx: %s", names[i], p->structure,
                          (unsigned long long)at, error_text(&err));
            ck_assert_msg(told.stopped == 0, "%s: %s at 0x%llx is not all right",
                          names[i], p->structure, (unsigned long long)at);
            ck_assert_msg(p->count > 1 || told.leaves == p->size ||
                              (has_room(p->structure) && told.leaves <= p->size),
                          "%s: %s at 0x%llx: %llu of %llu bytes", names[i],
                          p->structure, (unsigned long long)at,
                          (unsigned long long)told.leaves, (unsigned long long)p->size);
            structures++;
        }
    }
    ck_assert_int_gt(structures, 50);
}
END_TEST

/* ---- what is told ---- */

/* Version 3: [FMT II.A]. libhdf5 wrote the root header at 48. */
START_TEST(a_superblock)
{
    hi5_error err;

    ck_ok(tell(fixture("good/demo.h5"), NULL, 0, 48, &err), &err);
    ck_assert_int_eq(told.n, 10);
    ck_assert_uint_eq(told.leaves, 48);
    ck_field("superblock", "version", 8, 3);
    ck_field("superblock", "size of offsets", 9, 8);
    ck_field("superblock", "base address", 12, 0);
    ck_field("superblock", "superblock extension address", 20, HI5_NO_ADDRESS);
    ck_assert_str_eq(
        told.f[field("superblock", "superblock extension address")].meaning,
        "undefined");
    ck_field("superblock", "root group object header address", 36, 48);
    ck_assert_str_eq(
        told.f[field("superblock", "root group object header address")].meaning,
        "-> OHDR");
    ck_assert_str_eq(told.f[field("superblock", "checksum")].meaning, "right");
}
END_TEST

/* Header, messages, message, datatype in the attribute: each deeper than the other. */
START_TEST(an_object)
{
    hi5_error err;
    int i;

    ck_ok(tell(fixture("good/demo.h5"), "/", 48, 243, &err), &err);
    ck_assert_uint_eq(told.leaves, 195);
    ck_assert_int_eq(told.bad, 0);
    ck_assert_uint_eq(told.f[0].depth, 0);
    i = field("OHDR", "message type");
    ck_assert_uint_eq(told.f[i].depth, 1);
    ck_assert_str_eq(told.f[i].meaning, "continuation");
    ck_assert_uint_eq(told.f[field("attribute message", "name")].depth, 2);
    ck_assert_str_eq(told.f[field("attribute message", "name")].meaning, "\"title\"");
    i = field("datatype message", "class and version");
    ck_assert_uint_eq(told.f[i].depth, 3);
    ck_assert_str_eq(told.f[i].meaning, "vlen, version 1");
    ck_assert_uint_eq(told.f[field("OCHK", "checksum")].depth, 0);
}
END_TEST

/* The same by its address; a continuation by its own. */
START_TEST(a_part_of_an_object)
{
    hi5_error err;
    int all;

    ck_ok(tell(fixture("good/demo.h5"), "/", 48, 243, &err), &err);
    all = told.n;
    ck_ok(tell(fixture("good/demo.h5"), NULL, 48, 243, &err), &err);
    ck_assert_int_eq(told.n, all);
    ck_ok(tell(fixture("good/demo.h5"), NULL, 0x1a6, 0x1a6 + 53, &err), &err);
    ck_assert_int_lt(told.n, all);
    ck_assert_uint_eq(told.leaves, 53);
    ck_assert_uint_eq(told.f[0].address, 0x1a6);
}
END_TEST

START_TEST(what_is_not_there)
{
    hi5_error err;

    ck_status(tell(fixture("good/demo.h5"), "/none", 0, 0, &err), HI5_E_NOTFOUND);
    ck_status(tell(fixture("good/demo.h5"), NULL, 0x31, 0x32, &err), HI5_E_NOTFOUND);
    ck_assert_ptr_nonnull(strstr(err.message, "it is in OHDR of /"));
    ck_status(tell(fixture("good/demo.h5"), NULL, 1 << 20, 1 << 21, &err),
              HI5_E_NOTFOUND);
    ck_status(tell("no such file", NULL, 0, 1, &err), HI5_E_NOTFOUND);
    ck_assert_int_eq(told.n, 0);
}
END_TEST

/* ---- damage ---- */

/* Told from a file that is written for it. */
static hi5_status
tell_bytes(const struct patch *p, uint64_t from, uint64_t to, hi5_error *err)
{
    char path[] = "/tmp/hi5-annotate-XXXXXX";
    hi5_status s;
    FILE *out;
    const int fd = mkstemp(path);

    ck_assert_int_ge(fd, 0);
    out = fdopen(fd, "wb");
    ck_assert_ptr_nonnull(out);
    ck_assert_uint_eq(fwrite(p->b, 1, p->n, out), p->n);
    fclose(out);
    s = tell(path, NULL, from, to, err);
    remove(path);
    return s;
}

START_TEST(where_a_decoder_stops)
{
    struct patch p = patch_load("good/demo.h5");
    hi5_error err;
    int i;

    p.b[0x2e7 + 4] = 7; /* EAHD: version */
    ck_ok(tell_bytes(&p, 0x2e7, 0x2e7 + 72, &err), &err);
    ck_assert_int_eq(told.stopped, 1);
    i = field("EAHD", "version");
    ck_assert_uint_eq(told.f[i].address, 0x2e7 + 4);
    ck_assert_uint_eq(told.f[i].value, 7);
    ck_assert_str_eq(told.f[i].why, "7, expected 0");
    ck_assert_uint_eq(told.leaves, 5);
    patch_free(&p);
}
END_TEST

/* The other messages come all the same. */
START_TEST(a_message_that_is_damaged)
{
    struct patch p = patch_load("good/demo.h5");
    const hi5_message m = patch_message(&p, "/detector/mask", 0x01);
    const uint64_t header = patch_object(&p, "/detector/mask");
    hi5_error err;
    int i;

    p.b[m.address] = 9; /* dataspace: version */
    patch_fix(&p, header);
    ck_ok(tell_bytes(&p, header, header + 268, &err), &err);
    ck_assert_int_eq(told.stopped, 1);
    i = field("dataspace message", "version");
    ck_assert_uint_eq(told.f[i].address, m.address);
    ck_assert(told.f[i].why[0] != 0);
    field("data layout message", "address");
    ck_assert_uint_eq(told.leaves, 268);
    patch_free(&p);
}
END_TEST

Suite *
suite_annotate(void)
{
    Suite *s = suite_create("annotate");
    TCase *t = tcase_create("files");

    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, every_structure_is_told, 0, 8);
    suite_add_tcase(s, t);
    t = tcase_create("structures");
    tcase_add_test(t, a_superblock);
    tcase_add_test(t, an_object);
    tcase_add_test(t, a_part_of_an_object);
    tcase_add_test(t, what_is_not_there);
    tcase_add_test(t, where_a_decoder_stops);
    tcase_add_test(t, a_message_that_is_damaged);
    suite_add_tcase(s, t);
    return s;
}
