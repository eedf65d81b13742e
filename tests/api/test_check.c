/*
 * test_check.c - the validator: sound files are sound, a damaged field is found where it
 * is and under its rule, nothing that cannot be read passes as sound
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "everything.h"
#include "patch.h"
#include "support.h"

Suite *suite_check(void);

#define MOST_FINDINGS 512

struct found {
    hi5_check_result result;
    int n;
    hi5_finding f[MOST_FINDINGS]; /* static strings only */
};

static void
note_finding(void *ctx, const hi5_finding *f)
{
    struct found *const found = ctx;
    hi5_rule rule;

    ck_assert_msg(hi5_rule_find(f->rule, &rule), "no rule %s", f->rule);
    ck_assert(f->message[0] != '\0');
    if (found->n < MOST_FINDINGS)
        found->f[found->n++] = *f;
}

static struct found
check_bytes(const struct patch *p)
{
    const hi5_open_options open = {.size = sizeof open, .others = HI5_OTHERS_FORBID};
    struct found found = {.n = 0};
    hi5_error err = {0};

    ck_ok(hi5_check_memory(p->b, p->n, &open, NULL, note_finding, &found, &found.result,
                           &err),
          &err);
    return found;
}

static const hi5_finding *
worst(const struct found *found)
{
    for (int i = 0; i < found->n; i++)
        if (found->f[i].severity == HI5_ERROR)
            return &found->f[i];
    return found->n ? &found->f[0] : NULL;
}

/* ---- sound files ---- */

static char names[256][64];

START_TEST(good_files_have_no_error)
{
    const int n = good_fixtures(names, 256);

    ck_assert_int_gt(n, 60);
    for (int i = 0; i < n; i++) {
        struct patch p = patch_load(names[i]);
        const struct found found = check_bytes(&p);
        const hi5_finding *const f = worst(&found);

        /* Virtual datasets that are made of themselves. */
        if (strcmp(names[i], "good/pit-vds-wrong.h5") == 0) {
            ck_assert_str_eq(f->rule, "VD-002");
            patch_free(&p);
            continue;
        }
        ck_assert_msg(found.result.errors == 0, "%s: %s %s, %s", names[i], f->rule,
                      f->structure, f->field);
        ck_assert(found.result.readable);
        ck_assert_uint_ge(found.result.objects, 1);
        patch_free(&p);
    }
}
END_TEST

/* Each byte of a sound file has one owner, or is free, or lost. */
struct coverage {
    uint64_t at, sum, overlaps;
};

static void
cover(void *ctx, const hi5_extent *e)
{
    struct coverage *const c = ctx;

    ck_assert_uint_eq(e->offset, c->at);
    ck_assert_uint_gt(e->size, 0);
    c->at += e->size;
    c->sum += e->size;
    c->overlaps += e->overlaps;
}

START_TEST(map_covers_good_files)
{
    const int n = good_fixtures(names, 256);

    for (int i = 0; i < n; i++) {
        struct patch p = patch_load(names[i]);
        struct coverage c = {0};
        hi5_map_totals t;
        hi5_error err = {0};

        ck_ok(hi5_map(fixture(names[i]), NULL, cover, &c, &t, &err), &err);
        ck_assert_uint_eq(t.file_size, p.n);
        ck_assert_uint_eq(c.sum, p.n);
        ck_assert_uint_eq(t.accounted + t.free + t.lost, p.n);
        ck_assert_uint_eq(t.overlaps, 0);
        ck_assert_uint_eq(c.overlaps, 0);
        patch_free(&p);
    }
}
END_TEST

/* A family is one file; the space that it does not use is lost in one of its members. */
START_TEST(members_are_one_file)
{
    const hi5_open_options open = {.size = sizeof open, .driver = HI5_DRIVER_FAMILY};
    struct found found = {.n = 0};
    hi5_error err = {0};

    ck_ok(hi5_check(fixture("good/family-%02d.h5"), &open, NULL, note_finding, &found,
                    &found.result, &err),
          &err);
    ck_assert_uint_eq(found.result.errors, 0);
    ck_assert_uint_eq(found.result.map.accounted + found.result.map.free +
                          found.result.map.lost,
                      found.result.map.file_size);
}
END_TEST

/* ---- rules ---- */

START_TEST(rules_have_different_ids)
{
    hi5_rule a, b;
    size_t n = 0;

    for (size_t i = 0; hi5_rule_get(i, &a); i++, n++) {
        ck_assert(a.title[0] != '\0' && a.reason[0] != '\0');
        for (size_t j = 0; j < i && hi5_rule_get(j, &b); j++)
            ck_assert_str_ne(a.id, b.id);
        ck_assert(hi5_rule_find(a.id, &b));
        ck_assert_str_eq(a.title, b.title);
    }
    ck_assert_uint_gt(n, 180);
    ck_assert(!hi5_rule_find("XX-001", &a));
    ck_assert(!hi5_rule_get(n, &a));
}
END_TEST

/* One field of a sound file is changed, its checksum made right, and the rule, the field
 * and its address must be reported; where `only`, nothing but notes beside it. */
static const struct damage {
    const char *rule, *file;
    const char *signature; /* of the structure; "": offsets are from address 0 */
    unsigned nth;
    uint64_t offset;
    unsigned width;
    uint64_t value;
    unsigned sum; /* where the structure's checksum is; 0: none */
    const char *structure, *field;
    bool only;
} damages[] = {
    {"SB-002", "sb2", "", 0, 8, 1, 9, 0, "superblock", "version", true},
    {"SB-004", "sb0", "", 0, 11, 1, 1, 0, "superblock", "reserved", false},
    {"SB-007", "sb0", "", 0, 16, 2, 0, 0, "superblock", "group leaf node K", true},
    {"SB-008", "sb0", "", 0, 20, 4, 0x10, 0, "superblock", "file consistency flags",
     true},
    {"SB-011", "sb2", "", 0, 44, 4, 1, 0, "superblock", "checksum", true},
    {"SB-014", "sb0", "", 0, 40, 8, 1u << 30, 0, "superblock", "end of file address",
     true},
    {"SB-016", "sb0", "", 0, 32, 8, 0, 0, "superblock", "free-space info address",
     true},
    {"SB-017", "sb2", "", 0, 36, 8, 0, 44, "superblock",
     "root group object header address", false},
    {"SB-018", "sb2-k", "", 0, 20, 8, 1u << 30, 44, "superblock",
     "superblock extension address", false},
    {"SB-025", "sb0", "", 0, 80, 8, 96, 0, "superblock", "scratch-pad", true},
    {"OH-002", "groups-old", "", 0, 0x61, 1, 1, 0, "object header", "reserved", true},
    {"OH-003", "groups-old", "", 0, 0x62, 2, 9, 0, "object header", "messages", true},
    {"OH-004", "groups-old", "", 0, 0x73a, 2, 7, 0, "object header", "message size",
     true},
    {"OH-014", "times-old", "", 0, 0x794, 1, 2, 0, "object header", "message flags",
     true},
    {"OH-022", "groups-old", "", 0, 0x72c, 4, 7, 0, "object header", "reference count",
     true},
    {"OH-023", "groups-old", "", 0, 0x72c, 4, 0, 0, "object header", "reference count",
     true},
    {"GR-001", "groups-old", "SNOD", 0, 24, 4, 9, 0, "symbol table entry", "cache type",
     true},
    {"GR-002", "groups-old", "SNOD", 0, 28, 4, 1, 0, "symbol table entry", "reserved",
     true},
    {"GR-003", "groups-old", "SNOD", 0, 8, 8, 0, 0, "symbol table entry",
     "link name offset", true},
    {"GR-004", "groups-old", "SNOD", 0, 32, 8, 0x60, 0, "symbol table entry",
     "scratch-pad", true},
    {"GR-005", "groups-old", "SNOD", 0, 4, 1, 2, 0, "SNOD", "version", true},
    {"GR-005", "groups-old", "SNOD", 0, 6, 2, 200, 0, "SNOD", "number of symbols",
     false},
    {"B1-001", "groups-old", "TREE", 0, 4, 1, 1, 0, "TREE", "type", true},
    {"B1-001", "groups-old", "TREE", 0, 5, 1, 70, 0, "TREE", "level", true},
    {"B1-001", "groups-old", "TREE", 0, 6, 2, 500, 0, "TREE", "entries used", false},
    {"B1-004", "groups-old", "TREE", 0, 8, 8, 0x60, 0, "TREE", "left sibling", true},
    {"B1-004", "groups-old", "TREE", 0, 16, 8, 0x60, 0, "TREE", "right sibling", true},
    {"B1-005", "groups-old-deep", "TREE", 0, 40, 8, 0, 0, "TREE", "key", false},
    {"B1-006", "groups-old", "TREE", 0, 24, 8, 5000, 0, "TREE", "key", true},
    {"B1-010", "groups-old", "TREE", 0, 300, 1, 1, 0, "TREE", "unused entries", true},
    {"LH-001", "groups-old", "HEAP", 0, 4, 1, 1, 0, "HEAP", "version", true},
    {"LH-001", "groups-old", "HEAP", 0, 5, 1, 1, 0, "HEAP", "reserved", true},
    {"B2-001", "groups-new", "BTHD", 0, 5, 1, 77, 34, "BTHD", "type", true},
    {"B2-002", "groups-new", "BTHD", 0, 6, 4, 12, 34, "BTHD", "node size", true},
    {"B2-003", "groups-new", "BTHD", 0, 15, 1, 90, 34, "BTHD", "merge percent", true},
    {"B2-005", "groups-new", "BTHD", 0, 26, 8, 61, 34, "BTHD", "total records", true},
    {"FH-001", "groups-new", "FRHP", 0, 5, 2, 1, 142, "FRHP", "heap ID length", true},
    {"FS-001", "groups-new", "FSHD", 0, 5, 1, 7, 78, "FSHD", "client", true},
    {"FS-003", "groups-new", "FSHD", 0, 6, 8, 99, 78, "FSHD", "total space", true},
    {"FA-001", "layouts-new", "FAHD", 0, 5, 1, 7, 24, "FAHD", "client", true},
    {"FA-001", "layouts-new", "FAHD", 0, 7, 1, 9, 24, "FAHD", "page bits", true},
    {"EA-001", "layouts-new", "EAHD", 0, 9, 1, 3, 68, "EAHD", "min block entries",
     true},
    {"EA-004", "layouts-new", "EAHD", 0, 28, 8, 3, 68, "EAHD", "data blocks", true},
};

START_TEST(damage_is_found)
{
    const struct damage *const d = &damages[_i];
    char name[64];
    struct patch p;
    struct found found;
    uint64_t at = 0;
    bool there = false;

    snprintf(name, sizeof name, "good/%s.h5", d->file);
    p = patch_load(name);
    if (d->signature[0] != '\0')
        at = patch_find(&p, d->signature, 4, d->nth);
    patch_put(&p, at + d->offset, d->width, d->value);
    if (d->sum != 0)
        patch_sum(&p, at, at + d->sum);
    found = check_bytes(&p);
    for (int i = 0; i < found.n; i++) {
        const hi5_finding *const f = &found.f[i];
        const bool this =
            strcmp(f->rule, d->rule) == 0 && f->address == at + d->offset &&
            strcmp(f->structure, d->structure) == 0 && strcmp(f->field, d->field) == 0;

        there |= this;
        ck_assert_msg(this || !d->only || f->severity == HI5_NOTE,
                      "%s at 0x%llx: also %s, %s, %s at 0x%llx", d->rule,
                      (unsigned long long)(at + d->offset), f->rule, f->structure,
                      f->field, (unsigned long long)f->address);
    }
    ck_assert_msg(there, "%s at 0x%llx is not reported", d->rule,
                  (unsigned long long)(at + d->offset));
    patch_free(&p);
}
END_TEST

/* What one damaged object costs: itself. */
START_TEST(others_are_looked_at)
{
    struct patch p = patch_load("good/groups-old.h5");
    const uint64_t all = check_bytes(&p).result.objects;
    struct found found;

    patch_put(&p, 0x728, 1, 9); /* the version of /one */
    found = check_bytes(&p);
    ck_assert_uint_ge(found.result.errors, 1);
    ck_assert_str_eq(worst(&found)->rule, "OH-001");
    ck_assert_uint_ge(found.result.objects, all - 1);
    patch_free(&p);
}
END_TEST

/* ---- releases and editions ---- */

START_TEST(releases_and_editions)
{
    const hi5_check_options v18 = {.size = sizeof v18, .release = 108};
    const hi5_check_options v16 = {.size = sizeof v16, .release = 106};
    const hi5_check_options v20 = {.size = sizeof v20, .spec = 20};
    struct found found = {.n = 0};
    hi5_error err = {0};

    ck_ok(hi5_check(fixture("good/layouts-new.h5"), NULL, &v18, note_finding, &found,
                    &found.result, &err),
          &err);
    ck_assert_uint_eq(found.result.needs_release, 110);
    ck_assert_uint_eq(found.result.needs_spec, 30);
    ck_assert_uint_ge(found.result.warnings, 1);
    ck_assert_str_eq(found.f[0].rule, "LD-001");
    found.n = 0;
    ck_ok(hi5_check(fixture("good/layouts-new.h5"), NULL, &v20, note_finding, &found,
                    &found.result, &err),
          &err);
    ck_assert_str_eq(found.f[0].rule, "SP-001");
    ck_ok(
        hi5_check(fixture("good/sb0.h5"), NULL, &v16, NULL, NULL, &found.result, &err),
        &err);
    ck_assert_uint_eq(found.result.needs_release, 106);
    ck_assert_uint_eq(found.result.warnings, 0);
}
END_TEST

/* ---- what cannot be looked at ---- */

START_TEST(unreadable_files)
{
    const hi5_check_options wrong = {.size = 3};
    struct patch p = {(unsigned char[]){"this is no such file"}, 20, "text"};
    struct found found = check_bytes(&p);
    hi5_check_result r;
    hi5_error err = {0};

    ck_assert(!found.result.readable);
    ck_assert_uint_eq(found.result.errors, 1);
    ck_assert_str_eq(found.f[0].rule, "SB-001");
    ck_status(hi5_check(fixture("no/such/file"), NULL, NULL, NULL, NULL, &r, &err),
              HI5_E_NOTFOUND);
    ck_status(hi5_check(fixture("good/demo.h5"), NULL, &wrong, NULL, NULL, &r, &err),
              HI5_E_ARG);
}
END_TEST

/* ---- the cross oracle: what the check lets pass can be read ---- */

static const char *const crossed[] = {
    "good/demo.h5",          "good/groups-old.h5",  "good/attrs-old.h5",
    "good/layouts-old.h5",   "good/refs-old.h5",    "good/types-old.h5",
    "good/fills-old.h5",     "good/filters-old.h5", "good/heaps.h5",
    "good/sizes-4-2-sb3.h5",
};

static unsigned long
next_random(unsigned long *state)
{
    *state = (*state * 1103515245u + 12345u) & 0x7fffffffu;
    return *state >> 8;
}

/* Not a parser's business here: other files, and filters that this build lacks. */
static bool
beside_the_point(const hi5_error *err)
{
    return err->status == HI5_E_STATE || err->status == HI5_E_FILTER;
}

START_TEST(what_passes_can_be_read) /* EVIL-35 */
{
    const hi5_open_options open = {.size = sizeof open, .others = HI5_OTHERS_FORBID};
    struct patch p = patch_load(crossed[_i]);
    unsigned long state = 1 + (unsigned long)_i;

    for (int round = 0; round < 60; round++) {
        const size_t at = (next_random(&state) << 15 ^ next_random(&state)) % p.n;
        const unsigned char was = p.b[at];
        struct everything e = {0};
        struct found found;
        hi5_error err;
        hi5_file *f;

        p.b[at] = (unsigned char)(round % 2 ? was + 1u : next_random(&state));
        found = check_bytes(&p);
        if (found.result.errors == 0) {
            ck_ok(hi5_open_memory(p.b, p.n, &open, &f, &err), &err);
            read_everything(f, &e);
            hi5_close(f, NULL);
            ck_assert_msg(e.failures == 0 || beside_the_point(&e.first),
                          "%s: byte 0x%zx = %02x passes, but %s", crossed[_i], at,
                          p.b[at], e.first.message);
        }
        p.b[at] = was;
    }
    patch_free(&p);
}
END_TEST

Suite *
suite_check(void)
{
    Suite *s = suite_create("check");
    TCase *t = tcase_create("check");

    tcase_set_timeout(t, 120);
    tcase_add_test(t, good_files_have_no_error);
    tcase_add_test(t, map_covers_good_files);
    tcase_add_test(t, members_are_one_file);
    tcase_add_test(t, rules_have_different_ids);
    tcase_add_loop_test(t, damage_is_found, 0, sizeof damages / sizeof *damages);
    tcase_add_test(t, others_are_looked_at);
    tcase_add_test(t, releases_and_editions);
    tcase_add_test(t, unreadable_files);
    tcase_add_loop_test(t, what_passes_can_be_read, 0,
                        sizeof crossed / sizeof *crossed);
    suite_add_tcase(s, t);
    return s;
}
