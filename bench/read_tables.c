/*
 * read_tables.c - compound records and variable-length strings
 */
#include "bench.h"
#include <stdlib.h>
#include <string.h>

enum { ONE_FIELD, AS_STORED, AS_STRUCT };

static uint64_t
dataset_count(const struct job *j)
{
    const hid_t f = theirs_open(j), d = THEIRS(H5Dopen2(f, j->w->dataset, H5P_DEFAULT));
    const hid_t space = THEIRS(H5Dget_space(d));
    const hssize_t n = H5Sget_simple_extent_npoints(space);

    H5Sclose(space);
    H5Dclose(d);
    H5Fclose(f);
    return (uint64_t)n;
}

/* ---- a table ---- */

static bool
table_prepare(struct job *j)
{
    static const size_t each[] = {[ONE_FIELD] = 8, [AS_STORED] = TABLE_STORED,
                                  [AS_STRUCT] = TABLE_MEMORY};

    j->n = dataset_count(j);
    j->size = (size_t)j->n * each[j->w->detail];
    return true;
}

/* Bytes between members are nobody's business. */
static void
clear_padding(const struct job *j)
{
    uint8_t one[TABLE_MEMORY];

    if (!j->verify || j->w->detail != AS_STRUCT)
        return;
    for (uint64_t i = 0; i < j->n; i++) {
        uint8_t *p = j->buf + i * TABLE_MEMORY;
        memset(one, 0, sizeof one);
        for (size_t k = 0; k < TABLE_MEMBERS; k++)
            memcpy(one + table_members[k].memory, p + table_members[k].memory,
                   table_members[k].size);
        memcpy(p, one, sizeof one);
    }
}

static hi5_type *
ours_struct(void)
{
    hi5_member m[TABLE_MEMBERS];
    hi5_type *text = NULL, *t;
    hi5_error err;

    for (size_t k = 0; k < TABLE_MEMBERS; k++) {
        const struct table_member *from = &table_members[k];
        if (from->kind == 's')
            ours(hi5_type_string(from->size, HI5_NULL_TERMINATED, HI5_ASCII, &text, &err),
                 &err);
        m[k].name = from->name;
        m[k].offset = from->memory;
        m[k].type = from->kind == 's' ? text
                    : from->kind == 'f' ? (from->size == 8 ? HI5_F64 : HI5_F32)
                    : from->kind == 'u' ? HI5_U8
                    : from->size == 8   ? HI5_I64
                    : from->size == 4   ? HI5_I32
                                        : HI5_I16;
    }
    ours(hi5_type_compound(TABLE_MEMORY, m, TABLE_MEMBERS, &t, &err), &err);
    hi5_type_free(text);
    return t;
}

static void
table_hi5(struct job *j)
{
    hi5_file *f = ours_open(j);
    hi5_dataset *d = ours_dataset(f, j->w->dataset);
    hi5_type *t = j->w->detail == AS_STRUCT ? ours_struct() : NULL;
    hi5_error err;

    if (j->w->detail == ONE_FIELD)
        ours(hi5_dataset_read_field(d, "x", NULL, HI5_F64, j->buf, &err), &err);
    else
        ours(hi5_dataset_read(d, NULL, t, j->buf, &err), &err);
    hi5_type_free(t);
    hi5_dataset_close(d);
    ours_close(f);
    clear_padding(j);
}

static hid_t
theirs_struct(hid_t stored)
{
    const hid_t t = THEIRS(H5Tcreate(H5T_COMPOUND, TABLE_MEMORY));

    for (unsigned k = 0; k < TABLE_MEMBERS; k++) {
        const hid_t m = THEIRS(H5Tget_member_type(stored, k));
        THEIRS(H5Tinsert(t, table_members[k].name, table_members[k].memory, m));
        H5Tclose(m);
    }
    return t;
}

static void
table_libhdf5(struct job *j)
{
    const hid_t f = theirs_open(j), d = THEIRS(H5Dopen2(f, j->w->dataset, H5P_DEFAULT));
    const hid_t stored = THEIRS(H5Dget_type(d));
    hid_t t = stored;

    if (j->w->detail == AS_STRUCT) {
        t = theirs_struct(stored);
    } else if (j->w->detail == ONE_FIELD) {
        t = THEIRS(H5Tcreate(H5T_COMPOUND, 8));
        THEIRS(H5Tinsert(t, "x", 0, H5T_NATIVE_DOUBLE));
    }
    THEIRS(H5Dread(d, t, H5S_ALL, H5S_ALL, H5P_DEFAULT, j->buf));
    if (t != stored)
        H5Tclose(t);
    H5Tclose(stored);
    H5Dclose(d);
    H5Fclose(f);
    clear_padding(j);
}

/* ---- strings ---- */

static bool
strings_prepare(struct job *j)
{
    j->n = dataset_count(j);
    j->size = (size_t)j->n * sizeof(char *);
    return true;
}

static void
digest_strings(struct job *j, char *const *s)
{
    if (!j->verify)
        return;
    for (uint64_t i = 0; i < j->n; i++)
        j->digest = digest_bytes(j->digest, s[i], strlen(s[i]) + 1);
    memset(j->buf, 0, j->size); /* pointers differ */
}

static void
strings_hi5(struct job *j)
{
    hi5_file *f = ours_open(j);
    hi5_dataset *d = ours_dataset(f, j->w->dataset);
    char **s;
    size_t n;
    hi5_error err;

    ours(hi5_dataset_read_strings(d, NULL, &s, &n, &err), &err);
    if (n != j->n)
        die("hi5: %zu strings", n);
    digest_strings(j, s);
    hi5_free(f, s);
    hi5_dataset_close(d);
    ours_close(f);
}

static void
strings_libhdf5(struct job *j)
{
    const hid_t f = theirs_open(j), d = THEIRS(H5Dopen2(f, j->w->dataset, H5P_DEFAULT));
    const hid_t space = THEIRS(H5Dget_space(d)), t = THEIRS(H5Tcopy(H5T_C_S1));
    char **s = need(j->size);

    THEIRS(H5Tset_size(t, H5T_VARIABLE));
    THEIRS(H5Dread(d, t, H5S_ALL, H5S_ALL, H5P_DEFAULT, s));
    digest_strings(j, s);
    THEIRS(H5Dvlen_reclaim(t, space, H5P_DEFAULT, s));
    free(s);
    H5Tclose(t);
    H5Sclose(space);
    H5Dclose(d);
    H5Fclose(f);
}

const struct workload bench_tables[] = {
    {"one field of 4M x 72-byte records", "read", DATA_TABLE, "table", ONE_FIELD,
     table_prepare, table_hi5, table_libhdf5, limit_file, true},
    {"4M x 72-byte records, as stored", "read", DATA_TABLE, "table", AS_STORED,
     table_prepare, table_hi5, table_libhdf5, limit_pread, true},
    {"4M x 72-byte records, into a C struct", "read", DATA_TABLE, "table", AS_STRUCT,
     table_prepare, table_hi5, table_libhdf5, limit_memcpy, true},
    {"1M variable-length strings", "read", DATA_STRINGS, "strings", 0, strings_prepare,
     strings_hi5, strings_libhdf5, limit_file, true},
    {0},
};
