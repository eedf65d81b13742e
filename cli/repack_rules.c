/*
 * repack_rules.c - filters and layouts as h5repack's command line has them
 *
 * SPDX-License-Identifier: MIT
 */
#include "repack.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define MOST_VALUES 64u

/* -----------------------------------------------------------------------------
 * Rules
 */

/* The objects in front of the last ':'; *rest is what follows. NULL: none are named. */
static const char **
take_paths(const char *text, size_t *n, const char **rest)
{
    const char *end = NULL, **paths;
    size_t count = 1;

    /* A name may have a colon, what follows it has none. */
    for (const char *p = strchr(text, ':'); p; p = strchr(p + 1, ':'))
        end = p;
    *n = 0;
    *rest = end ? end + 1 : text;
    if (!end || end == text)
        return NULL;
    for (const char *p = text; p < end; p++)
        count += *p == ',';
    paths = cli_alloc(count * sizeof *paths);
    for (const char *p = text; p < end; p++) {
        const size_t k = strcspn(p, ",:");
        const size_t m = p + k > end ? (size_t)(end - p) : k;

        paths[(*n)++] = cli_copy_n(p, m);
        p += m;
    }
    return paths;
}

static void
free_paths(const char *const *paths, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free((void *)(uintptr_t)paths[i]);
    free((void *)(uintptr_t)paths);
}

static bool
same_paths(const hi5_repack_rule *r, const char **paths, size_t n)
{
    if (r->npaths != n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (strcmp(r->paths[i], paths[i]) != 0)
            return false;
    return true;
}

/* The rule for these objects, which takes them over. */
static hi5_repack_rule *
rule_for(struct rules *r, const char **paths, size_t n)
{
    for (size_t i = 0; i < r->n; i++)
        if (same_paths(&r->rule[i], paths, n)) {
            free_paths(paths, n);
            return &r->rule[i];
        }
    r->rule = cli_resize(r->rule, r->n + 1, sizeof *r->rule);
    r->rule[r->n] =
        (hi5_repack_rule){.size = sizeof *r->rule, .paths = paths, .npaths = n};
    return &r->rule[r->n++];
}

static void
free_filters(hi5_repack_rule *rule)
{
    for (size_t i = 0; i < rule->nfilters; i++)
        free((void *)(uintptr_t)rule->filters[i].values);
    free((void *)(uintptr_t)rule->filters);
    rule->filters = NULL;
    rule->nfilters = 0;
}

void
rules_free(struct rules *r)
{
    for (size_t i = 0; i < r->n; i++) {
        free_paths(r->rule[i].paths, r->rule[i].npaths);
        free_filters(&r->rule[i]);
        free((void *)(uintptr_t)r->rule[i].chunk);
    }
    free(r->rule);
    *r = (struct rules){0};
}

/* -----------------------------------------------------------------------------
 * Filters
 */

static bool
word_is(const char *text, size_t n, const char *word)
{
    if (strlen(word) != n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (toupper((unsigned char)text[i]) != word[i])
            return false;
    return true;
}

/* Numbers with commas between; how many, or -1. Words for szip and scale-offset become what
 * libhdf5 has for them. */
static int
take_values(const char *text, uint32_t *values)
{
    int n = 0;

    while (*text) {
        const size_t k = strcspn(text, ",");
        char *const one = cli_copy_n(text, k);
        uint64_t v = 0;
        const bool number = cli_number(one, &v) && v <= UINT32_MAX;
        const bool word = word_is(text, k, "EC") || word_is(text, k, "IN") ||
                          word_is(text, k, "NN") || word_is(text, k, "DS");

        if (word)
            v = word_is(text, k, "EC")   ? 4
                : word_is(text, k, "NN") ? 32
                : word_is(text, k, "IN") ? 2
                                         : 0;
        free(one);
        if ((!number && !word) || n == (int)MOST_VALUES)
            return -1;
        values[n++] = (uint32_t)v;
        text += k + (text[k] == ',');
    }
    return n;
}

/* From the name and values of the command line to a filter; false if they do not fit. */
static bool
make_filter(const char *name, size_t n, uint32_t *v, int count, hi5_filter *f)
{
    const uint32_t first = count > 0 ? v[0] : 0;

    *f = (hi5_filter){.flags = 1};
    if (word_is(name, n, "GZIP")) {
        f->id = 1;
        f->nvalues = 1;
        return count == 1 && first <= 9;
    }
    if (word_is(name, n, "SHUF")) {
        f->id = 2;
        return count == 0;
    }
    if (word_is(name, n, "FLET")) {
        f->id = 3;
        f->flags = 0;
        return count == 0;
    }
    if (word_is(name, n, "SZIP")) { /* pixels, coding: the other way round in a file */
        f->id = 4;
        f->nvalues = 2;
        if (count != 2)
            return false;
        v[0] = v[1];
        v[1] = first;
        return first >= 2 && first <= 32 && first % 2 == 0;
    }
    if (word_is(name, n, "NBIT")) {
        f->id = 5;
        return count == 0;
    }
    if (word_is(name, n, "SOFF")) { /* factor, kind */
        f->id = 6;
        f->nvalues = 2;
        if (count != 2)
            return false;
        v[0] = v[1];
        v[1] = first;
        return true;
    }
    if (!word_is(name, n, "UD") || count < 3 || v[0] > 65535 ||
        v[2] != (uint32_t)count - 3)
        return false;
    f->id = (uint16_t)v[0];
    f->flags = v[1] != 0;
    f->nvalues = v[2];
    memmove(v, v + 3, f->nvalues * sizeof *v);
    return true;
}

bool
rules_filter(struct rules *r, const char *text)
{
    const char *rest;
    size_t n, npaths;
    uint32_t values[MOST_VALUES];
    hi5_repack_rule *rule;
    hi5_filter filter, *list;
    const char **const paths = take_paths(text, &npaths, &rest);
    int count;

    n = strcspn(rest, "=");
    count = take_values(rest[n] == '=' ? rest + n + 1 : "", values);
    if (!word_is(rest, n, "NONE") &&
        (count < 0 || !make_filter(rest, n, values, count, &filter))) {
        cli_usage_error("'%s' is no filter", text);
        free_paths(paths, npaths);
        return false;
    }
    rule = rule_for(r, paths, npaths);
    rule->new_filters = true;
    if (word_is(rest, n, "NONE")) {
        free_filters(rule);
        return true;
    }
    list =
        cli_resize((void *)(uintptr_t)rule->filters, rule->nfilters + 1, sizeof *list);
    if (filter.nvalues) {
        uint32_t *const copy = cli_alloc(filter.nvalues * sizeof *copy);
        memcpy(copy, values, filter.nvalues * sizeof *copy);
        filter.values = copy;
    }
    list[rule->nfilters++] = filter;
    rule->filters = list;
    return true;
}

/* -----------------------------------------------------------------------------
 * Layouts
 */

static bool
take_chunk(const char *text, hi5_repack_rule *rule)
{
    uint64_t *const dims = cli_alloc(HI5_MAX_RANK * sizeof *dims);

    rule->rank = 0;
    while (*text && rule->rank < HI5_MAX_RANK) {
        const size_t k = strcspn(text, "xX");
        char *const one = cli_copy_n(text, k);
        const bool good = cli_number(one, &dims[rule->rank]) && dims[rule->rank] != 0;

        free(one);
        if (!good)
            break;
        rule->rank++;
        text += k;
        if (*text)
            text++;
    }
    free((void *)(uintptr_t)rule->chunk);
    rule->chunk = dims;
    return *text == '\0';
}

bool
rules_layout(struct rules *r, const char *text)
{
    const char *rest;
    size_t npaths, n;
    const char **const paths = take_paths(text, &npaths, &rest);
    hi5_repack_rule *const rule = rule_for(r, paths, npaths);

    n = strcspn(rest, "=");
    rule->new_layout = true;
    if (word_is(rest, n, "COMPA"))
        rule->layout = HI5_COMPACT;
    else if (word_is(rest, n, "CONTI"))
        rule->layout = HI5_CONTIGUOUS;
    else
        rule->layout = HI5_CHUNKED;
    if ((rule->layout != HI5_CHUNKED && rest[n] == '\0') ||
        (word_is(rest, n, "CHUNK") && take_chunk(rest[n] ? rest + n + 1 : "", rule)))
        return true;
    cli_usage_error("'%s' is no layout", text);
    return false;
}

/* -----------------------------------------------------------------------------
 * From a file
 */

bool
rules_file(struct rules *r, const char *path)
{
    FILE *const in = fopen(path, "r");
    char word[4096];
    bool good = true;

    if (!in) {
        cli_error("cannot open '%s'", path);
        return false;
    }
    while (good && fscanf(in, "%4095s", word) == 1) {
        const char what = strcmp(word, "-f") == 0   ? 'f'
                          : strcmp(word, "-l") == 0 ? 'l'
                                                    : 0;

        if (!what || fscanf(in, "%4095s", word) != 1) {
            cli_error("%s: '%s' is neither -f nor -l", path, word);
            good = false;
        } else {
            good = what == 'f' ? rules_filter(r, word) : rules_layout(r, word);
        }
    }
    fclose(in);
    return good;
}
