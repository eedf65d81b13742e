/*
 * select_parse.c - selections as NumPy writes them: "0:10, ::2, [1,5,9], 3"
 */
#include "base/err.h"
#include "space/select_impl.h"
#include <string.h>

#define PARSE_LIST_MOST 100000u
#define PARSE_SHOWN 80 /* of the text, in errors */

/* The text being read, and what one item of it selects. */
struct parse {
    const char *p;
    const char *text;
    hi5_error *err;
};

struct parse_item {
    enum { PARSE_INDEX, PARSE_SLICE, PARSE_LIST } kind;
    uint64_t start, stride, count;
    uint64_t *list;            /* ascending */
    size_t n;
};

static void
parse_blanks(struct parse *t)
{
    while (*t->p == ' ' || *t->p == '\t')
        t->p++;
}

static bool
parse_accept(struct parse *t, char c)
{
    parse_blanks(t);
    if (*t->p != c)
        return false;
    t->p++;
    return true;
}

/* What follows the text where it is cut. */
static const char *
parse_dots(const char *text)
{
    return strlen(text) > PARSE_SHOWN ? "..." : "";
}

static hi5_status
parse_error(const struct parse *t, const char *what)
{
    return err_plain(t->err, HI5_E_ARG, "selection \"%.*s%s\": %s at character %zu",
                     PARSE_SHOWN, t->text, parse_dots(t->text), what,
                     (size_t)(t->p - t->text) + 1);
}

/* An integer with an optional sign; *given is false if there is none. One that is too
 * large is as good as the largest: beyond any dimension. */
static hi5_status
parse_int(struct parse *t, bool *given, bool *negative, uint64_t *v)
{
    parse_blanks(t);
    *negative = *t->p == '-';
    *v = 0;
    *given = *t->p == '-' || *t->p == '+';
    t->p += *given;
    if (*t->p < '0' || *t->p > '9')
        return *given ? parse_error(t, "a number is missing") : HI5_OK;
    *given = true;
    for (; *t->p >= '0' && *t->p <= '9'; t->p++) {
        const unsigned digit = (unsigned)(*t->p - '0');
        *v = *v > (UINT64_MAX - digit) / 10 ? UINT64_MAX : *v * 10 + digit;
    }
    return HI5_OK;
}

/* An index of one element: negative ones count from the end, all must be inside. */
static hi5_status
parse_index(struct parse *t, uint64_t dim, bool negative, uint64_t v, uint64_t *out)
{
    if (negative ? v > dim || v == 0 : v >= dim)
        return err_plain(t->err, HI5_E_RANGE, "selection \"%.*s%s\": index %s%llu is "
                         "outside of a dimension of %llu", PARSE_SHOWN, t->text,
                         parse_dots(t->text), negative ? "-" : "", (unsigned long long)v,
                         (unsigned long long)dim);
    *out = negative ? dim - v : v;
    return HI5_OK;
}

/* A bound of a slice: clipped to [0, dim]. */
static uint64_t
parse_bound(uint64_t dim, bool negative, uint64_t v)
{
    if (negative)
        return v > dim ? 0 : dim - v;
    return v > dim ? dim : v;
}

/* The rest of "start:stop:step", after the start. */
static hi5_status
parse_slice(struct parse *t, uint64_t dim, uint64_t start, struct parse_item *item)
{
    bool given, negative;
    uint64_t v, stop = dim, step = 1;

    TRY(parse_int(t, &given, &negative, &v));
    if (given)
        stop = parse_bound(dim, negative, v);
    if (parse_accept(t, ':')) {
        TRY(parse_int(t, &given, &negative, &v));
        if (given && (negative || v == 0))
            return parse_error(t, "the step must be positive");
        if (given)
            step = v;
    }
    item->kind = PARSE_SLICE;
    item->start = start;
    item->stride = step;
    item->count = stop > start ? (stop - start - 1) / step + 1 : 0;
    return HI5_OK;
}

static hi5_status
parse_list(struct parse *t, struct arena *a, uint64_t dim, struct parse_item *item)
{
    size_t room = 1;

    for (const char *q = t->p; *q != '\0' && *q != ']'; q++)
        room += *q == ',';
    if (room > PARSE_LIST_MOST)
        return parse_error(t, "the list is too long");
    item->kind = PARSE_LIST;
    item->n = 0;
    item->list = arena_zalloc(a, room, sizeof *item->list);
    if (item->list == NULL)
        return err_nomem(t->err);
    while (!parse_accept(t, ']')) {
        bool given, negative;
        uint64_t v;
        if (item->n > 0 && !parse_accept(t, ','))
            return parse_error(t, "',' or ']' expected");
        if (item->n > 0 && parse_accept(t, ']'))
            break; /* a trailing comma */
        TRY(parse_int(t, &given, &negative, &v));
        if (!given)
            return parse_error(t, "an index is missing");
        TRY(parse_index(t, dim, negative, v, &item->list[item->n]));
        if (item->n > 0 && item->list[item->n] <= item->list[item->n - 1])
            return parse_error(t, "the indexes of a list must ascend");
        item->n++;
    }
    return HI5_OK;
}

static hi5_status
parse_item(struct parse *t, struct arena *a, uint64_t dim, struct parse_item *item)
{
    bool given, negative;
    uint64_t v;

    if (parse_accept(t, '['))
        return parse_list(t, a, dim, item);
    TRY(parse_int(t, &given, &negative, &v));
    if (parse_accept(t, ':'))
        return parse_slice(t, dim, given ? parse_bound(dim, negative, v) : 0, item);
    if (!given)
        return parse_error(t, "an index or a slice is missing");
    item->kind = PARSE_INDEX;
    item->stride = item->count = 1;
    return parse_index(t, dim, negative, v, &item->start);
}

/* How many items there are, "..." not counted; lists count as one. */
static unsigned
parse_count(const char *p, bool *ellipsis)
{
    unsigned n = 0;
    bool blank = true, listed = false;

    *ellipsis = false;
    for (; *p != '\0'; p++) {
        listed = *p == '[' || (listed && *p != ']');
        if (*p == ',' && !listed) {
            n += !blank;
            blank = true;
        } else if (strncmp(p, "...", 3) == 0) {
            *ellipsis = true;
            p += 2;
        } else if (*p != ' ' && *p != '\t') {
            blank = false;
        }
    }
    return n + !blank;
}

static hi5_status
parse_items(struct parse *t, struct arena *a, const hi5_shape *shape,
            struct parse_item *items)
{
    bool ellipsis;
    const unsigned n = parse_count(t->p, &ellipsis), rank = shape->rank;
    unsigned d = 0;
    bool first = true, elided = false;

    if (n > rank)
        return err_plain(t->err, HI5_E_ARG, "selection \"%.*s%s\": %u indexes for rank "
                         "%u", PARSE_SHOWN, t->text, parse_dots(t->text), n, rank);
    for (unsigned i = 0; i < rank; i++)
        items[i] = (struct parse_item){PARSE_SLICE, 0, 1, shape->dims[i], NULL, 0};
    for (;; first = false) {
        parse_blanks(t);
        if (*t->p == '\0')
            return HI5_OK;
        if (!first && !parse_accept(t, ','))
            return parse_error(t, "',' expected");
        parse_blanks(t);
        if (*t->p == '\0' && !first)
            return HI5_OK; /* a trailing comma */
        if (strncmp(t->p, "...", 3) == 0) {
            if (elided)
                return parse_error(t, "a second \"...\"");
            t->p += 3;
            d += rank - n;
            elided = true;
            continue;
        }
        if (d >= rank)
            return parse_error(t, "too many indexes");
        TRY(parse_item(t, a, shape->dims[d], &items[d]));
        d++;
    }
}

/* Select the items: a hyperslab, or what is left of it by a list. */
static hi5_status
parse_select(hi5_selection *s, const struct parse *t, const struct parse_item *items)
{
    uint64_t start[HI5_MAX_RANK], stride[HI5_MAX_RANK], count[HI5_MAX_RANK];
    struct sel_dim dim[HI5_MAX_RANK];
    const unsigned rank = s->extent.rank;
    unsigned lists = 0, list = 0;

    for (unsigned d = 0; d < rank; d++) {
        start[d] = items[d].start;
        stride[d] = items[d].stride;
        count[d] = items[d].count;
        dim[d] = (struct sel_dim){start[d], stride[d], count[d], 1};
        if (items[d].kind == PARSE_LIST) {
            lists++;
            list = d;
        }
    }
    if (lists > 1)
        return err_plain(t->err, HI5_E_ARG, "selection \"%.*s%s\": only one dimension may "
                         "be given as a list", PARSE_SHOWN, t->text, parse_dots(t->text));
    if (lists == 1)
        return sel_set_list(s, dim, list, items[list].list, items[list].n, t->err);
    return hi5_selection_hyperslab(s, HI5_SELECT_SET, start, stride, count, NULL, t->err);
}

hi5_status
hi5_selection_parse(hi5_selection *s, const char *text, bool *dropped, hi5_error *err)
{
    struct parse t = {text, text, err};
    struct parse_item items[HI5_MAX_RANK];
    struct arena a;
    hi5_status st;

    arena_init(&a, s->mem);
    st = parse_items(&t, &a, &s->extent, items);
    if (st == HI5_OK && s->extent.rank == 0)
        hi5_selection_all(s);
    else if (st == HI5_OK)
        st = parse_select(s, &t, items);
    for (unsigned d = 0; dropped != NULL && st == HI5_OK && d < s->extent.rank; d++)
        dropped[d] = items[d].kind == PARSE_INDEX;
    arena_done(&a);
    return st;
}
