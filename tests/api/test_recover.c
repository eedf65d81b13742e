/*
 * test_recover.c - salvaging: what is said to be whole reads as it did before the
 * damage, and what damage leaves is found
 *
 * Fixtures are damaged in memory: cut, without a superblock or a root header, one
 * structure after the other overwritten, one sector after the other. What the undamaged
 * file holds is compared by address, and names by asking the undamaged file.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "patch.h"
#include "support.h"
#include "written.h"

Suite *suite_recover(void);

#define MOST_OBJECTS 2048
#define MOST_EXTENTS 8192
#define MOST_BYTES (1 << 22) /* of a dataset that is read */

static bool write_it; /* recover writes a file, which is compared */

/* ---- values as one number ---- */

static uint64_t
hash_bytes(uint64_t h, const void *bytes, size_t n)
{
    const unsigned char *const p = bytes;

    for (size_t i = 0; i < n; i++)
        h = (h ^ p[i]) * 0x100000001b3u;
    return h;
}

static uint64_t
hash_value(uint64_t h, const hi5_type *t, const unsigned char *p)
{
    hi5_type_info info;
    hi5_member m;
    hi5_vlen v;
    char *s;

    hi5_type_get_info(t, &info);
    switch (info.cls) {
    case HI5_VLEN:
        if (info.is_vlen_string) {
            memcpy(&s, p, sizeof s);
            return s != NULL ? hash_bytes(h, s, strlen(s) + 1) : h * 3;
        }
        memcpy(&v, p, sizeof v);
        for (size_t i = 0; i < v.n; i++)
            h = hash_value(h, info.base,
                           (unsigned char *)v.p + i * hi5_type_size(info.base));
        return h * 5 + v.n;
    case HI5_COMPOUND:
        for (unsigned i = 0; hi5_type_member(t, i, &m); i++)
            h = hash_value(h, m.type, p + m.offset);
        return h;
    case HI5_ARRAY:
        for (size_t i = 0; i < info.size / hi5_type_size(info.base); i++)
            h = hash_value(h, info.base, p + i * hi5_type_size(info.base));
        return h;
    case HI5_REFERENCE:
        return write_it ? h * 7 : hash_bytes(h, p, info.size);
    default:
        return hash_bytes(h, p, info.size);
    }
}

/* All values of a dataset; 0: it cannot be read, or is too large for a test. */
static uint64_t
hash_dataset(hi5_object *o, hi5_error *err)
{
    uint64_t h = 0xcbf29ce484222325u, n;
    hi5_type *memory = NULL;
    hi5_dataset *d;
    unsigned char *buf;
    size_t each;

    if (hi5_object_dataset(o, &d, err) != HI5_OK)
        return 0;
    n = hi5_shape_count(hi5_dataset_shape(d));
    ck_ok(hi5_type_memory(hi5_dataset_type(d), &memory, err), err);
    each = hi5_type_size(memory);
    if (n > MOST_BYTES / each) {
        hi5_type_free(memory);
        hi5_dataset_close(d);
        return 1;
    }
    buf = calloc((size_t)n + 1, each);
    ck_assert_ptr_nonnull(buf);
    if (hi5_dataset_read(d, NULL, memory, buf, err) != HI5_OK) {
        h = 0;
    } else {
        for (size_t i = 0; i < n; i++)
            h = hash_value(h, memory, buf + i * each);
        hi5_reclaim(hi5_object_file(o), memory, (size_t)n, buf);
    }
    free(buf);
    hi5_type_free(memory);
    hi5_dataset_close(d);
    return h;
}

/* ---- what the undamaged file holds ---- */

struct truth {
    uint64_t address, hash;
    bool verified;
    char path[128];
};

struct known {
    const char *name;
    struct patch p;
    hi5_file *file;
    int n, nextents;
    struct truth object[MOST_OBJECTS];
    struct {
        uint64_t at, end;
        const char *structure;
        char path[128];
    } extent[MOST_EXTENTS];
};

static struct known known;

static hi5_status
learn(void *ctx, const hi5_salvaged *s, hi5_error *err)
{
    struct truth *const t = &known.object[known.n++];

    (void)ctx;
    (void)err;
    ck_assert_int_le(known.n, MOST_OBJECTS);
    ck_assert_msg(s->state == HI5_WHOLE && !s->found && s->attributes_lost == 0,
                  "%s: %s: %s", known.name, s->path, s->reason);
    t->address = s->address;
    t->verified = s->verified;
    t->hash = 0;
    snprintf(t->path, sizeof t->path, "%s", s->path);
    if (s->kind == HI5_KIND_DATASET)
        t->hash = hash_dataset(s->object, NULL);
    return HI5_OK;
}

static void
learn_extent(void *ctx, const hi5_extent *e)
{
    (void)ctx;
    if (known.nextents == MOST_EXTENTS)
        return;
    known.extent[known.nextents].at = e->offset;
    known.extent[known.nextents].end = e->offset + e->size;
    known.extent[known.nextents].structure = e->structure;
    snprintf(known.extent[known.nextents].path, sizeof known.extent[0].path, "%s",
             e->path);
    known.nextents++;
}

static hi5_recovery
load(const char *name)
{
    hi5_recovery r;
    hi5_map_totals totals;
    hi5_error err;

    known.name = name;
    known.n = known.nextents = 0;
    known.p = patch_load(name);
    known.file = patch_open(&known.p);
    ck_ok(hi5_recover_memory(known.p.b, known.p.n, NULL, NULL, learn, NULL, &r, &err),
          &err);
    ck_ok(hi5_map(fixture(name), NULL, learn_extent, NULL, &totals, &err), &err);
    return r;
}

static void
unload(void)
{
    hi5_close(known.file, NULL);
    patch_free(&known.p);
}

/* ---- comparing ---- */

struct compared {
    hi5_recovery r;
    const char *damage;
    uint64_t from, to; /* overwritten unnoticed; from == to: no */
    int whole, partial, lost;
    char lost_path[128];
};

/* Did the damage hit something of this object that nothing protects? */
static bool
touched(const struct compared *c, const char *path)
{
    for (int i = 0; i < known.nextents; i++)
        if (known.extent[i].at < c->to && known.extent[i].end > c->from &&
            (strcmp(known.extent[i].path, path) == 0 ||
             known.extent[i].path[0] == '\0' ||
             strcmp(known.extent[i].structure, "GCOL") == 0))
            return true;
    return false;
}

/* A name is right if it leads to the same object in the undamaged file. */
static void
compare_name(const struct compared *c, const hi5_salvaged *s)
{
    hi5_object *o;
    hi5_object_info info;
    hi5_error err;

    if (s->found || s->state == HI5_LOST || c->from < c->to)
        return;
    ck_assert_msg(hi5_object_open(known.file, s->path, &o, &err) == HI5_OK,
                  "%s, %s: a path %s", known.name, c->damage, s->path);
    ck_ok(hi5_object_get_info(o, &info, &err), &err);
    ck_assert_msg(info.address == s->address, "%s, %s: %s leads to 0x%llx", known.name,
                  c->damage, s->path, (unsigned long long)s->address);
    hi5_object_close(o);
}

/* ---- what is written ---- */

#define MOST_ROWS 64

/* An object as it was told, and as the damaged file has it. */
struct told {
    char path[512], found[48];
    hi5_kind kind;
    hi5_salvage state;
    uint64_t hash, attributes, attributes_lost;
    uint64_t rows[MOST_ROWS]; /* of the first dimension; 0: cannot be read */
};

static struct told told[MOST_OBJECTS];
static int ntold;
static int nwritten;

static bool
has_reference(const hi5_type *t)
{
    hi5_type_info info;
    hi5_member m;

    hi5_type_get_info(t, &info);
    if (info.cls == HI5_REFERENCE)
        return true;
    for (unsigned i = 0; info.cls == HI5_COMPOUND && hi5_type_member(t, i, &m); i++)
        if (has_reference(m.type))
            return true;
    return (info.cls == HI5_VLEN || info.cls == HI5_ARRAY) && info.base != NULL &&
           has_reference(info.base);
}

/* References lead to other addresses, and the attributes that tell of the damage are
 * new; all others stay as they are, in whatever order. */
static hi5_status
hash_attribute(void *ctx, hi5_attribute *a, const hi5_error *bad, hi5_error *err)
{
    uint64_t *const sum = ctx;
    hi5_attribute_info info;
    hi5_type *memory;
    unsigned char *buf;
    uint64_t h, n;

    (void)err;
    if (bad != NULL)
        return HI5_OK;
    hi5_attribute_get_info(a, &info);
    if (strncmp(info.name, "hi5_recovered", 13) == 0 || has_reference(info.type) ||
        hi5_type_memory(info.type, &memory, NULL) != HI5_OK)
        return HI5_OK;
    n = hi5_shape_count(&info.shape);
    buf = calloc((size_t)n + 1, hi5_type_size(memory));
    ck_assert_ptr_nonnull(buf);
    if (hi5_attribute_read(a, memory, buf, NULL) == HI5_OK) {
        h = hash_bytes(0xcbf29ce484222325u, info.name, strlen(info.name));
        for (uint64_t i = 0; i < n; i++)
            h = hash_value(h, memory, buf + i * hi5_type_size(memory));
        *sum += h | 1;
        hi5_reclaim(known.file, memory, (size_t)n, buf);
    }
    free(buf);
    hi5_type_free(memory);
    return HI5_OK;
}

static uint64_t
hash_attributes(hi5_object *o)
{
    uint64_t sum = 0;

    (void)!hi5_attribute_each(o, HI5_NATIVE, false, hash_attribute, &sum, NULL);
    return sum;
}

/* Each row by itself. */
static void
hash_rows(hi5_object *o, uint64_t *rows)
{
    uint64_t start[HI5_MAX_RANK] = {0}, count[HI5_MAX_RANK], n = 1;
    const hi5_shape *shape;
    hi5_type *memory;
    hi5_dataset *d;
    unsigned char *buf;
    size_t each;

    memset(rows, 0, MOST_ROWS * sizeof *rows);
    if (hi5_object_dataset(o, &d, NULL) != HI5_OK)
        return;
    shape = hi5_dataset_shape(d);
    ck_assert_int_eq(hi5_type_memory(hi5_dataset_type(d), &memory, NULL), HI5_OK);
    each = hi5_type_size(memory);
    for (unsigned i = 0; i < shape->rank; i++)
        n *= count[i] = i == 0 ? 1 : shape->dims[i];
    if (shape->rank != 0 && n <= MOST_BYTES / each && !has_reference(memory)) {
        buf = calloc((size_t)n + 1, each);
        ck_assert_ptr_nonnull(buf);
        for (; start[0] < shape->dims[0] && start[0] < MOST_ROWS; start[0]++) {
            uint64_t *const h = &rows[start[0]];

            if (hi5_dataset_read_slab(d, start, count, memory, buf, NULL) != HI5_OK)
                continue;
            *h = 0xcbf29ce484222325u;
            for (uint64_t i = 0; i < n; i++)
                *h = hash_value(*h, memory, buf + i * each);
            hi5_reclaim(hi5_object_file(o), memory, (size_t)n, buf);
        }
        free(buf);
    }
    hi5_type_free(memory);
    hi5_dataset_close(d);
}

/* Rows that are lost in part: what of a chunk can be read is not copied. */
static bool cut_rows[MOST_ROWS];

static void
note_rows(void *ctx, hi5_dataset *d, const hi5_lost_part *part)
{
    (void)ctx;
    (void)d;
    for (uint64_t i = 0; i < MOST_ROWS; i++)
        cut_rows[i] |= i >= part->start[0] && i - part->start[0] < part->count[0];
}

static void
remember(const hi5_salvaged *s)
{
    struct told *const t = &told[ntold];

    ck_assert_int_lt(ntold++, MOST_OBJECTS);
    memset(t, 0, sizeof *t);
    snprintf(t->path, sizeof t->path, "%s", s->path);
    snprintf(t->found, sizeof t->found, "/lost+found/0x%llx",
             (unsigned long long)s->address);
    t->kind = s->kind;
    t->state = s->state;
    t->attributes_lost = s->attributes_lost;
    if (s->object == NULL) {
        memset(cut_rows, 0, sizeof cut_rows);
        return;
    }
    t->attributes = hash_attributes(s->object);
    if (s->kind == HI5_KIND_DATASET && s->state == HI5_WHOLE)
        t->hash = hash_dataset(s->object, NULL);
    if (s->kind == HI5_KIND_DATASET && s->state == HI5_PARTIAL)
        hash_rows(s->object, t->rows);
    for (int i = 0; i < MOST_ROWS; i++)
        t->rows[i] = cut_rows[i] ? 0 : t->rows[i];
    memset(cut_rows, 0, sizeof cut_rows);
}

static void
compare_written(hi5_file *f, const struct told *t, const char *damage)
{
    hi5_object_info info;
    uint64_t rows[MOST_ROWS];
    hi5_attribute *a = NULL;
    hi5_object *o;
    hi5_error err;

    /* Names that are damaged may have a slash in them. */
    if (hi5_object_open(f, t->path, &o, &err) != HI5_OK &&
        hi5_object_open(f, t->found, &o, NULL) != HI5_OK) {
        ck_assert_msg(t->state == HI5_LOST, "%s, %s: %s is not there: %s", known.name,
                      damage, t->path, error_text(&err));
        return;
    }
    ck_ok(hi5_object_get_info(o, &info, &err), &err);
    ck_assert_msg(info.kind == t->kind || t->state == HI5_LOST, "%s, %s: %s",
                  known.name, damage, t->path);
    if (t->state != HI5_WHOLE || t->attributes_lost != 0)
        ck_assert_msg(hi5_attribute_open(o, "hi5_recovered", &a, &err) == HI5_OK,
                      "%s, %s: %s tells nothing", known.name, damage, t->path);
    hi5_attribute_close(a);
    if (t->hash != 0)
        ck_assert_msg(hash_dataset(o, &err) == t->hash, "%s, %s: %s differs: %s",
                      known.name, damage, t->path, error_text(&err));
    ck_assert_msg(hash_attributes(o) == t->attributes, "%s, %s: attributes of %s",
                  known.name, damage, t->path);
    if (t->kind == HI5_KIND_DATASET && t->state == HI5_PARTIAL) {
        hash_rows(o, rows);
        for (int i = 0; i < MOST_ROWS; i++)
            ck_assert_msg(t->rows[i] == 0 || t->rows[i] == rows[i],
                          "%s, %s: row %d of %s", known.name, damage, i, t->path);
    }
    hi5_object_close(o);
}

static void
tell_finding(void *ctx, const hi5_finding *f)
{
    if (f->severity == HI5_ERROR)
        snprintf(ctx, 512, "%s: %s", f->rule, f->message);
}

static void
check_written(const char *path, const char *damage)
{
    char finding[512] = "";
    hi5_check_result r;
    hi5_file *f;
    hi5_error err;

    ck_ok(hi5_check(path, NULL, NULL, tell_finding, finding, &r, &err), &err);
    ck_assert_msg(finding[0] == '\0', "%s, %s: %s", known.name, damage, finding);
    ck_ok(hi5_open(path, NULL, &f, &err), &err);
    for (int i = 0; i < ntold; i++)
        compare_written(f, &told[i], damage);
    hi5_close(f, NULL);
    nwritten++;
}

static hi5_status
compare(void *ctx, const hi5_salvaged *s, hi5_error *err)
{
    struct compared *const c = ctx;
    const struct truth *t = NULL;
    hi5_error why = {0};

    (void)err;
    c->whole += s->state == HI5_WHOLE;
    c->partial += s->state == HI5_PARTIAL;
    c->lost += s->state == HI5_LOST;
    if (s->state == HI5_LOST)
        snprintf(c->lost_path, sizeof c->lost_path, "%s", s->path);
    if (write_it)
        remember(s);
    ck_assert_msg(s->state == HI5_WHOLE || s->reason[0] != '\0',
                  "%s, %s: %s has no reason", known.name, c->damage, s->path);
    compare_name(c, s);
    for (int i = 0; i < known.n; i++)
        if (known.object[i].address == s->address)
            t = &known.object[i];
    if (s->kind != HI5_KIND_DATASET || s->state != HI5_WHOLE || t == NULL ||
        t->hash == 0 || s->attributes_lost != 0)
        return HI5_OK;
    ck_assert_ptr_nonnull(s->object);
    if (hash_dataset(s->object, &why) != t->hash)
        ck_assert_msg(!s->verified && c->from < c->to && touched(c, t->path),
                      "%s, %s: %s is called %s, but differs: %s", known.name, c->damage,
                      s->path, s->verified ? "whole and verified" : "whole",
                      error_text(&why));
    return HI5_OK;
}

/* Salvage the damaged bytes; false: nothing looks like a part of a file. */
static bool
salvage(struct compared *c, const unsigned char *b, size_t n, const char *damage)
{
    hi5_recover_options options = {.size = sizeof options, .replace = true};
    char path[512];
    hi5_error err;
    hi5_status s;

    c->damage = damage;
    c->whole = c->partial = c->lost = 0;
    ntold = 0;
    if (write_it) {
        snprintf(path, sizeof path, "%s", written_path("recovered.h5"));
        options.to = path;
        options.lost = note_rows;
        memset(cut_rows, 0, sizeof cut_rows);
    }
    s = hi5_recover_memory(b, n, NULL, &options, compare, c, &c->r, &err);
    ck_assert_msg(s == HI5_OK || s == HI5_E_CORRUPT, "%s, %s: %s", known.name, damage,
                  error_text(&err));
    if (write_it && s != HI5_OK && strstr(err.message, "can be saved") != NULL)
        s = HI5_OK; /* there was nothing to be written */
    else if (write_it && s == HI5_OK)
        check_written(path, damage);
    if (write_it)
        remove(path);
    return s == HI5_OK;
}

static unsigned char *
copy_bytes(void)
{
    unsigned char *const b = malloc(known.p.n + 1);

    ck_assert_ptr_nonnull(b);
    return memcpy(b, known.p.b, known.p.n);
}

/* ---- the tests ---- */

static char names[256][64];

/* Those that are as they should be: one has a dataset that is its own source. */
static int
sound_fixtures(void)
{
    const int n = good_fixtures(names, 256);
    int kept = 0;

    for (int i = 0; i < n; i++)
        if (strstr(names[i], "wrong") == NULL)
            memmove(names[kept++], names[i], sizeof names[i]);
    return kept;
}

START_TEST(undamaged_files_are_whole)
{
    const int n = sound_fixtures();

    ck_assert_int_gt(n, 60);
    for (int i = 0; i < n; i++) {
        const hi5_recovery r = load(names[i]);

        ck_assert(r.superblock && r.root);
        ck_assert_uint_eq(r.partial + r.lost + r.found + r.attributes_lost, 0);
        ck_assert_uint_eq(r.missing, 0);
        ck_assert_uint_ge(r.groups, 1);
        unload();
    }
}
END_TEST

START_TEST(files_that_are_cut)
{
    const int n = sound_fixtures();

    for (int i = 0; i < n; i++) {
        load(names[i]);
        for (unsigned eighth = 2; eighth < 8; eighth += 2) {
            const size_t size = known.p.n * eighth / 8;
            unsigned char *const b = malloc(size);
            struct compared c = {.from = 0};

            ck_assert_ptr_nonnull(b);
            memcpy(b, known.p.b, size);
            if (salvage(&c, b, size, "cut"))
                ck_assert_uint_eq(c.r.file_size, size);
            free(b);
        }
        unload();
    }
}
END_TEST

/* Where the superblock ends. */
static size_t
superblock_size(const unsigned char *b)
{
    if (b[8] >= 2)
        return 16 + 4u * b[9];
    return 24 + 4u * b[13] + (b[8] == 1 ? 4u : 0u) + b[13] + b[14] + 24u;
}

START_TEST(superblocks_are_put_together)
{
    const int n = sound_fixtures();

    for (int i = 0; i < n; i++) {
        const hi5_recovery good = load(names[i]);
        unsigned char *const b = copy_bytes();
        struct compared c = {.from = 0};

        memset(b + good.base_address, 0,
               superblock_size(known.p.b + good.base_address));
        ck_assert_msg(salvage(&c, b, known.p.n, "no superblock"), "%s", names[i]);
        ck_assert(!c.r.superblock);
        ck_assert_msg(c.r.base_address == good.base_address &&
                          c.r.offset_size == good.offset_size &&
                          c.r.length_size == good.length_size,
                      "%s: base %llu, widths %u and %u", names[i],
                      (unsigned long long)c.r.base_address, c.r.offset_size,
                      c.r.length_size);
        ck_assert_msg(c.whole == known.n && c.r.root, "%s: %d of %d are whole",
                      names[i], c.whole, known.n);
        free(b);
        unload();
    }
}
END_TEST

START_TEST(root_headers_that_are_gone)
{
    const int n = sound_fixtures();

    for (int i = 0; i < n; i++) {
        hi5_file_info info;
        struct compared c = {.from = 0};
        unsigned char *b;
        const hi5_recovery good = load(names[i]);

        b = copy_bytes();
        hi5_file_get_info(known.file, &info);
        memset(b + info.base_address + info.root_address, 0, 24);
        if (good.datasets > 0 && !info.cache_image) {
            ck_assert(salvage(&c, b, known.p.n, "no root header"));
            /* The superblock of versions 0 and 1 has the root's symbol table, as it was
             * before a name in UTF-8 made a newer group of it. Else names are lost, and
             * the objects are found. */
            const bool virtual = strstr(names[i], "vds") !=
                                 NULL; /* sources have names */
            const unsigned converted = strstr(names[i], "pit-names-old") ? 1 : 0;

            if (info.superblock_version < 2)
                ck_assert_msg(c.r.root && c.r.found <= converted &&
                                  c.whole == known.n - 1,
                              "%s: %d of %d are whole", names[i], c.whole, known.n);
            else
                ck_assert_msg(!c.r.root && c.r.found > 0 &&
                                  (c.whole >= known.n - 1 || virtual),
                              "%s: %d of %d are whole", names[i], c.whole, known.n);
        }
        free(b);
        unload();
    }
}
END_TEST

/* One structure after the other: its signature and what follows. */
START_TEST(structures_that_are_overwritten)
{
    static const char *const signatures[] = {
        "OHDR", "OCHK", "TREE", "SNOD", "HEAP", "GCOL", "FRHP", "FHDB", "FHIB", "BTHD",
        "BTIN", "BTLF", "FAHD", "FADB", "EAHD", "EAIB", "EASB", "EADB", "SMTB", "SMLI"};
    const int n = sound_fixtures();

    for (int i = _i; i < n; i += 8) {
        load(names[i]);
        for (size_t k = 0; k < sizeof signatures / sizeof *signatures; k++) {
            int done = 0;

            for (size_t at = 0; at + 8 < known.p.n && done < 2; at++) {
                struct compared c = {.from = 0};
                unsigned char *b;

                if (memcmp(known.p.b + at, signatures[k], 4) != 0)
                    continue;
                b = copy_bytes();
                memset(b + at, 0xa5, 8);
                ck_assert(salvage(&c, b, known.p.n, signatures[k]));
                free(b);
                done++;
            }
        }
        unload();
    }
}
END_TEST

START_TEST(sectors_that_are_overwritten)
{
    const int n = sound_fixtures();

    for (int i = _i; i < n; i += 8) {
        load(names[i]);
        for (unsigned k = 0; k < 9; k++) {
            const uint64_t sectors = known.p.n / 512 + 1;
            const uint64_t from = (k * 2654435761u >> 4) % sectors * 512;
            struct compared c = {.from = from, .to = from + 512};
            unsigned char *const b = copy_bytes();

            if (c.to > known.p.n)
                c.to = known.p.n;
            for (uint64_t at = from; at < c.to; at++)
                b[at] = k % 3 == 0   ? 0
                        : k % 3 == 1 ? 0xff
                                     : (unsigned char)((at * 2654435761u + k) >> 13);
            salvage(&c, b, known.p.n, "a sector");
            free(b);
        }
        unload();
    }
}
END_TEST

/* ---- what exactly is found ---- */

struct expected {
    const char *path;
    hi5_kind kind;
    hi5_salvage state;
    uint64_t good, parts;
    bool seen;
};

struct listing {
    struct expected *e;
    int n;
    uint64_t lost_parts;
};

static hi5_status
tick_off(void *ctx, const hi5_salvaged *s, hi5_error *err)
{
    struct listing *const l = ctx;

    (void)err;
    for (int i = 0; i < l->n; i++) {
        struct expected *const e = &l->e[i];

        if (strcmp(e->path, s->path) != 0)
            continue;
        ck_assert_msg(s->kind == e->kind && s->state == e->state,
                      "%s: %d, state %d: %s", s->path, (int)s->kind, (int)s->state,
                      s->reason);
        ck_assert_uint_eq(s->good, e->good);
        ck_assert_uint_eq(s->parts, e->parts);
        e->seen = true;
        return HI5_OK;
    }
    return HI5_OK;
}

static void
count_lost(void *ctx, hi5_dataset *d, const hi5_lost_part *part)
{
    struct listing *const l = ctx;

    (void)d;
    ck_assert(part->reason[0] != '\0');
    l->lost_parts++;
}

static hi5_recovery
expect(struct patch *p, struct listing *l)
{
    const hi5_recover_options options = {
        .size = sizeof options, .lost = count_lost, .lost_ctx = l};
    hi5_recovery r;
    hi5_error err;

    ck_ok(hi5_recover_memory(p->b, p->n, NULL, &options, tick_off, l, &r, &err), &err);
    for (int i = 0; i < l->n; i++)
        ck_assert_msg(l->e[i].seen, "%s is not told", l->e[i].path);
    return r;
}

/* One chunk of demo.h5 does not decode: the others are left. */
START_TEST(a_chunk)
{
    struct patch p = patch_load("good/demo.h5");
    hi5_file *f = patch_open(&p);
    const uint64_t at[] = {3, 0, 0};
    struct expected e[] = {
        {"/detector/images", HI5_KIND_DATASET, HI5_PARTIAL, 0, 0, false},
        {"/detector/mask", HI5_KIND_DATASET, HI5_WHOLE, 1024, 1024, false}};
    struct listing l = {e, 2, 0};
    hi5_dataset *d;
    hi5_chunk chunk;
    hi5_layout layout;
    hi5_error err;
    hi5_recovery r;

    ck_ok(hi5_dataset_open(f, "/detector/images", &d, &err), &err);
    hi5_dataset_get_layout(d, &layout);
    e[0].parts = 1;
    for (unsigned i = 0; i < layout.rank; i++)
        e[0].parts *=
            (hi5_dataset_shape(d)->dims[i] + layout.chunk[i] - 1) / layout.chunk[i];
    e[0].good = e[0].parts - 1;
    ck_ok(hi5_dataset_get_chunk(d, at, &chunk, &err), &err);
    memset(p.b + chunk.address, 0, (size_t)chunk.size);
    hi5_dataset_close(d);
    hi5_close(f, NULL);
    r = expect(&p, &l);
    ck_assert_uint_eq(l.lost_parts, 1);
    ck_assert_uint_eq(r.partial, 1);
    ck_assert_uint_eq(r.lost, 0);
    patch_free(&p);
}
END_TEST

/* The tree of a group is gone: its nodes are given back by their names. */
START_TEST(a_group_without_its_tree)
{
    struct patch p = patch_load("good/sb0.h5");
    struct expected e[] = {{"/", HI5_KIND_GROUP, HI5_PARTIAL, 3, 3, false},
                           {"/chunked", HI5_KIND_DATASET, HI5_WHOLE, 0, 0, false},
                           {"/group", HI5_KIND_GROUP, HI5_WHOLE, 3, 3, false}};
    struct listing l = {e, 3, 0};
    hi5_file *f = patch_open(&p);
    hi5_dataset *d;
    hi5_layout layout;
    hi5_group_info info;
    hi5_group *g;
    hi5_error err;
    hi5_recovery r;

    ck_ok(hi5_dataset_open(f, "/chunked", &d, &err), &err);
    hi5_dataset_get_layout(d, &layout);
    e[1].parts = 1;
    for (unsigned i = 0; i < layout.rank; i++)
        e[1].parts *=
            (hi5_dataset_shape(d)->dims[i] + layout.chunk[i] - 1) / layout.chunk[i];
    e[1].good = e[1].parts;
    hi5_dataset_close(d);
    ck_ok(hi5_group_open(f, "/", &g, &err), &err);
    ck_ok(hi5_group_get_info(g, &info, &err), &err);
    memset(p.b + info.btree_address, 0, 24);
    hi5_group_close(g);
    hi5_close(f, NULL);
    r = expect(&p, &l);
    ck_assert_uint_eq(r.found, 0);
    ck_assert_uint_eq(r.lost, 0);
    patch_free(&p);
}
END_TEST

/* The names of a group are gone: what it held is found by address. */
START_TEST(a_group_without_its_names)
{
    struct patch p = patch_load("good/sb0.h5");
    struct expected e[] = {{"/", HI5_KIND_GROUP, HI5_PARTIAL, 0, 0, false}};
    struct listing l = {e, 1, 0};
    hi5_file *f = patch_open(&p);
    hi5_group_info info;
    hi5_group *g;
    hi5_error err;
    hi5_recovery r;

    ck_ok(hi5_group_open(f, "/", &g, &err), &err);
    ck_ok(hi5_group_get_info(g, &info, &err), &err);
    memset(p.b + info.heap_address, 0, 8);
    hi5_group_close(g);
    hi5_close(f, NULL);
    r = expect(&p, &l);
    ck_assert(r.superblock && r.root);
    ck_assert_uint_eq(r.found, 4);
    ck_assert_uint_eq(r.lost, 0);
    ck_assert_uint_eq(r.datasets, 3);
    patch_free(&p);
}
END_TEST

/* The indexes of a dense group are gone: its hard and soft links are in its heap. Of
 * the 63, one is external and two are user-defined. */
START_TEST(a_dense_group_without_its_indexes)
{
    struct patch p = patch_load("good/groups-new.h5");
    hi5_file *f = patch_open(&p);
    hi5_group_info info;
    hi5_group *g;
    hi5_error err;
    struct expected e[] = {{"/dense", HI5_KIND_GROUP, HI5_PARTIAL, 0, 0, false}};
    struct listing l = {e, 1, 0};
    hi5_recovery good, r;

    ck_ok(hi5_recover_memory(p.b, p.n, NULL, NULL, NULL, NULL, &good, &err), &err);
    ck_ok(hi5_group_open(f, "/dense", &g, &err), &err);
    ck_ok(hi5_group_get_info(g, &info, &err), &err);
    ck_assert_int_eq(info.storage, HI5_STORAGE_DENSE);
    memset(p.b + info.btree_address, 0, 8);
    hi5_group_close(g);
    hi5_close(f, NULL);
    e[0].good = e[0].parts = info.links - 3;
    r = expect(&p, &l);
    ck_assert_uint_eq(r.found, 0);
    ck_assert_uint_eq(r.whole, good.whole - 1);
    ck_assert_uint_eq(r.partial, 1);
    patch_free(&p);
}
END_TEST

START_TEST(what_is_no_file)
{
    unsigned char b[4096] = {0};
    hi5_recovery r;
    hi5_error err;
    const hi5_recover_options wrong = {.size = 1};

    ck_status(hi5_recover_memory(b, sizeof b, NULL, NULL, NULL, NULL, &r, &err),
              HI5_E_CORRUPT);
    ck_assert_ptr_nonnull(strstr(err.message, "nothing in it looks like"));
    ck_status(hi5_recover_memory(b, 0, NULL, NULL, NULL, NULL, &r, &err),
              HI5_E_CORRUPT);
    ck_status(hi5_recover_memory(b, sizeof b, NULL, &wrong, NULL, NULL, &r, &err),
              HI5_E_ARG);
    ck_status(hi5_recover("no such file", NULL, NULL, NULL, NULL, &r, &err),
              HI5_E_NOTFOUND);
}
END_TEST

static hi5_status
stop_at_once(void *ctx, const hi5_salvaged *s, hi5_error *err)
{
    (void)s;
    (void)err;
    ++*(int *)ctx;
    return HI5_E_STATE;
}

START_TEST(the_caller_can_end_it)
{
    struct patch p = patch_load("good/demo.h5");
    hi5_recovery r;
    hi5_error err;
    int calls = 0;

    ck_status(hi5_recover_memory(p.b, p.n, NULL, NULL, stop_at_once, &calls, &r, &err),
              HI5_E_STATE);
    ck_assert_int_eq(calls, 1);
    patch_free(&p);
}
END_TEST

/* ---- the same, with a file written of it ---- */

static void
write_files(void)
{
    write_it = true;
    nwritten = 0;
}

static void
write_none(void)
{
    write_it = false;
}

Suite *
suite_recover(void)
{
    Suite *s = suite_create("recover");
    TCase *t = tcase_create("damage");

    tcase_set_timeout(t, 120);
    tcase_add_test(t, undamaged_files_are_whole);
    tcase_add_test(t, files_that_are_cut);
    tcase_add_test(t, superblocks_are_put_together);
    tcase_add_test(t, root_headers_that_are_gone);
    tcase_add_loop_test(t, structures_that_are_overwritten, 0, 8);
    tcase_add_loop_test(t, sectors_that_are_overwritten, 0, 8);
    suite_add_tcase(s, t);
    t = tcase_create("what is written");
    tcase_set_timeout(t, 600);
    tcase_add_checked_fixture(t, write_files, write_none);
    tcase_add_test(t, files_that_are_cut);
    tcase_add_test(t, superblocks_are_put_together);
    tcase_add_test(t, root_headers_that_are_gone);
    tcase_add_loop_test(t, structures_that_are_overwritten, 0, 8);
    tcase_add_loop_test(t, sectors_that_are_overwritten, 0, 8);
    suite_add_tcase(s, t);
    t = tcase_create("what is found");
    tcase_add_test(t, a_chunk);
    tcase_add_test(t, a_group_without_its_tree);
    tcase_add_test(t, a_group_without_its_names);
    tcase_add_test(t, a_dense_group_without_its_indexes);
    tcase_add_test(t, what_is_no_file);
    tcase_add_test(t, the_caller_can_end_it);
    suite_add_tcase(s, t);
    return s;
}
