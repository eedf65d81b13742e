/*
 * patch.c - a good file in memory, to be damaged at a given field; see patch.h
 */
#include "patch.h"

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "everything.h"
#include "support.h"

struct patch
patch_load(const char *name)
{
    struct patch p = {.name = name};

    p.b = slurp(fixture(name), &p.n);
    return p;
}

void
patch_free(struct patch *p)
{
    free(p->b);
    p->b = NULL;
}

static uint32_t
rotated(uint32_t x, unsigned k)
{
    return x << k | x >> (32 - k);
}

static uint32_t
word_at(const unsigned char *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
           (uint32_t)p[3] << 24;
}

uint32_t
patch_lookup3(const void *bytes, size_t n)
{
    static const unsigned mix[6] = {4, 6, 8, 16, 19, 4};
    static const unsigned last[7] = {14, 11, 25, 16, 4, 14, 24};
    const unsigned char *p = bytes;
    unsigned char tail[12] = {0};
    uint32_t s[3];

    s[0] = s[1] = s[2] = 0xdeadbeef + (uint32_t)n;
    for (; n > 12; n -= 12, p += 12) {
        for (unsigned i = 0; i < 3; i++)
            s[i] += word_at(p + 4 * i);
        for (unsigned i = 0; i < 6; i++) {
            uint32_t *const x = &s[i % 3], *const y = &s[(i + 2) % 3];

            *x = (*x - *y) ^ rotated(*y, mix[i]);
            *y += s[(i + 1) % 3];
        }
    }
    if (n == 0)
        return s[2];
    memcpy(tail, p, n);
    for (unsigned i = 0; i < 3; i++)
        s[i] += word_at(tail + 4 * i);
    for (unsigned i = 0; i < 7; i++) {
        uint32_t *const x = &s[(i + 2) % 3];
        const uint32_t y = s[(i + 1) % 3];

        *x = (*x ^ y) - rotated(y, last[i]);
    }
    return s[2];
}

uint64_t
patch_get(const struct patch *p, uint64_t at, unsigned width)
{
    uint64_t v = 0;

    ck_assert(at <= p->n && width <= p->n - at);
    for (unsigned i = width; i-- > 0;)
        v = v << 8 | p->b[at + i];
    return v;
}

void
patch_put(struct patch *p, uint64_t at, unsigned width, uint64_t value)
{
    ck_assert(at <= p->n && width <= p->n - at);
    for (unsigned i = 0; i < width; i++)
        p->b[at + i] = (unsigned char)(i < 8 ? value >> 8 * i : 0);
}

uint64_t
patch_find(const struct patch *p, const void *what, size_t n, unsigned nth)
{
    for (size_t at = 0; at + n <= p->n; at++)
        if (memcmp(p->b + at, what, n) == 0 && nth-- == 0)
            return at;
    ck_abort_msg("%s: \"%.4s\" is not there", p->name, (const char *)what);
    return 0;
}

uint64_t
patch_object(const struct patch *p, const char *path)
{
    hi5_file *const f = patch_open(p);
    hi5_object *o;
    hi5_object_info i;
    hi5_error err;

    ck_ok(hi5_object_open(f, path, &o, &err), &err);
    ck_ok(hi5_object_get_info(o, &i, &err), &err);
    hi5_object_close(o);
    hi5_close(f, NULL);
    return i.address;
}

hi5_message
patch_message_at(const struct patch *p, uint64_t header, unsigned type, unsigned nth)
{
    hi5_file *const f = patch_open(p);
    hi5_object *o;
    hi5_error err;
    hi5_message m;
    bool found = false;

    ck_ok(hi5_object_open_address(f, header, &o, &err), &err);
    for (size_t i = 0; !found && hi5_object_message(o, i, &m); i++)
        found = m.type == type && nth-- == 0;
    ck_assert_msg(found, "%s: the header at %llu has no message %u", p->name,
                  (unsigned long long)header, type);
    hi5_object_close(o);
    hi5_close(f, NULL);
    return m;
}

hi5_message
patch_message(const struct patch *p, const char *path, unsigned type)
{
    return patch_message_at(p, patch_object(p, path), type, 0);
}

void
patch_sum(struct patch *p, uint64_t from, uint64_t to)
{
    patch_put(p, to, 4, patch_lookup3(p->b + from, to - from));
}

/* Messages [at, end); the checksum of the block from `start` is at `end`. Continuations
 * are followed. */
static void
fix_block(struct patch *p, uint64_t start, uint64_t at, uint64_t end, unsigned head)
{
    const unsigned w = p->b[9], l = p->b[10]; /* superblock 2, 3 */

    for (; at + head <= end; at += head + patch_get(p, at + 1, 2))
        if (p->b[at] == 0x10) {
            const uint64_t to = patch_get(p, at + head, w);
            const uint64_t n = patch_get(p, at + head + w, l);

            fix_block(p, to, to + 4, to + n - 4, head);
        }
    patch_sum(p, start, end);
}

void
patch_fix(struct patch *p, uint64_t header)
{
    const unsigned flags = p->b[header + 5];
    const unsigned width = 1u << (flags & 3);
    const uint64_t at = header + 6 + (flags & 0x20 ? 16 : 0) + (flags & 0x10 ? 4 : 0);

    if (memcmp(p->b + header, "OHDR", 4) != 0)
        return;
    fix_block(p, header, at + width, at + width + patch_get(p, at, width),
              flags & 4 ? 6 : 4);
}

void
patch_fix_superblock(struct patch *p)
{
    patch_sum(p, 0, 12 + 4u * p->b[9]);
}

static int
compare_names(const void *a, const void *b)
{
    return strcmp(a, b);
}

int
good_fixtures(char (*names)[64], int most)
{
    static const char *const spread[] = {"family", "split", "multi"};
    DIR *const dir = opendir(fixture("good"));
    const struct dirent *e;
    int n = 0;

    ck_assert_ptr_nonnull(dir);
    while ((e = readdir(dir)) != NULL) {
        const size_t len = strlen(e->d_name);
        bool whole = len > 3 && len < 58 && strcmp(e->d_name + len - 3, ".h5") == 0;

        for (int i = 0; i < 3; i++)
            whole = whole && strncmp(e->d_name, spread[i], strlen(spread[i])) != 0;
        if (whole && n < most)
            snprintf(names[n++], 64, "good/%.58s", e->d_name);
    }
    closedir(dir);
    qsort(names, (size_t)n, 64, compare_names);
    return n;
}

hi5_status
patch_try(const struct patch *p, hi5_file **f, hi5_error *err)
{
    return hi5_open_memory(p->b, p->n, NULL, f, err);
}

hi5_file *
patch_open(const struct patch *p)
{
    hi5_file *f;
    hi5_error err;

    ck_ok(patch_try(p, &f, &err), &err);
    return f;
}

hi5_status
read_numbers(hi5_file *f, const char *path, int64_t *v, hi5_error *err)
{
    enum { MOST = 1 << 20 };
    hi5_dataset *d;
    hi5_type *memory = NULL;
    const hi5_type *t;
    uint64_t n;
    void *buf = calloc(1, MOST);
    hi5_status s = hi5_dataset_open(f, path, &d, err);

    ck_assert_ptr_nonnull(buf);
    if (s) {
        free(buf);
        return s;
    }
    n = hi5_shape_count(hi5_dataset_shape(d));
    t = hi5_dataset_type(d);
    if (v == NULL) {
        s = hi5_type_memory(t, &memory, err);
        t = memory;
    } else {
        t = HI5_I64;
    }
    if (s == HI5_OK) {
        /* What does not fit is expected to fail before anything is stored. */
        s = hi5_dataset_read(d, NULL, t, n > MOST / 16 ? NULL : buf, err);
        if (s == HI5_OK && memory != NULL)
            hi5_reclaim(f, memory, (size_t)n, buf);
        else if (s == HI5_OK)
            memcpy(v, buf, (size_t)n * sizeof(*v));
    }
    hi5_type_free(memory);
    hi5_dataset_close(d);
    free(buf);
    return s;
}

hi5_status
patch_read(const struct patch *p, const char *path, int64_t *v, hi5_error *err)
{
    hi5_file *f;
    hi5_status s = patch_try(p, &f, err);

    if (s == HI5_OK) {
        s = read_numbers(f, path, v, err);
        hi5_close(f, NULL);
    }
    return s;
}

hi5_status
patch_object_open(const struct patch *p, const char *path, hi5_error *err)
{
    hi5_file *f;
    hi5_object *o;
    hi5_status s = patch_try(p, &f, err);

    if (s == HI5_OK) {
        s = hi5_object_open(f, path, &o, err);
        if (s == HI5_OK)
            hi5_object_close(o);
        hi5_close(f, NULL);
    }
    return s;
}

void
check_fails(hi5_status got, const hi5_error *err, hi5_status wanted,
            const char *structure, const char *field, const char *call,
            const char *file, int line)
{
    ck_assert_msg(got != HI5_OK, "%s:%d: %s succeeds", file, line, call);
    ck_assert_msg(got == wanted && err->status == wanted,
                  "%s:%d: %s: status %s, not %s: %s", file, line, call,
                  hi5_status_name(got), hi5_status_name(wanted), error_text(err));
    ck_assert_msg(strcmp(err->structure, structure) == 0,
                  "%s:%d: structure is not \"%s\": %s", file, line, structure,
                  error_text(err));
    ck_assert_msg(strstr(err->field, field) != NULL, "%s:%d: field is not \"%s\": %s",
                  file, line, field, error_text(err));
}
