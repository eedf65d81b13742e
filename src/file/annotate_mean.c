/*
 * annotate_mean.c - what the value of a field means, in words
 *
 * A table by structure and field for values that are codes, and a few rules: addresses
 * say what is there, text is shown as text, times as dates.
 */
#include "file/annotate.h"
#include <stdio.h>
#include <string.h>

/* Words for the values 0, 1, 2, ...; "" for one that has none. */
struct mean_words {
    const char *structure, *field;
    const char *const *word;
    unsigned n;
};

/* Words for bits. */
struct mean_bits {
    const char *structure, *field;
    const char *const *word; /* of bit 0, 1, ... */
    unsigned n;
};

#define MEAN_WORDS(structure, field, ...)                                              \
    {                                                                                  \
        structure, field, (const char *const[]){__VA_ARGS__},                          \
            sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *)          \
    }

static const struct mean_words mean_words[] = {
    MEAN_WORDS("TREE", "type", "group", "chunks"),
    MEAN_WORDS("symbol table entry", "cache type", "nothing", "symbol table",
               "soft link"),
    MEAN_WORDS("FAHD", "client", "plain chunks", "filtered chunks"),
    MEAN_WORDS("FADB", "client", "plain chunks", "filtered chunks"),
    MEAN_WORDS("EAHD", "client", "plain chunks", "filtered chunks"),
    MEAN_WORDS("EAIB", "client", "plain chunks", "filtered chunks"),
    MEAN_WORDS("EASB", "client", "plain chunks", "filtered chunks"),
    MEAN_WORDS("EADB", "client", "plain chunks", "filtered chunks"),
    MEAN_WORDS("FSHD", "client", "fractal heap", "file"),
    MEAN_WORDS("BTHD", "type", "", "huge objects, by key",
               "filtered huge objects, by key", "huge objects", "filtered huge objects",
               "links, by name", "links, by order", "shared messages",
               "attributes, by name", "attributes, by order", "chunks",
               "filtered chunks"),
    MEAN_WORDS("BTIN", "type", "", "huge objects, by key",
               "filtered huge objects, by key", "huge objects", "filtered huge objects",
               "links, by name", "links, by order", "shared messages",
               "attributes, by name", "attributes, by order", "chunks",
               "filtered chunks"),
    MEAN_WORDS("BTLF", "type", "", "huge objects, by key",
               "filtered huge objects, by key", "huge objects", "filtered huge objects",
               "links, by name", "links, by order", "shared messages",
               "attributes, by name", "attributes, by order", "chunks",
               "filtered chunks"),
    MEAN_WORDS("dataspace message", "type", "scalar", "simple", "null"),
    MEAN_WORDS("data layout message", "class", "compact", "contiguous", "chunked",
               "virtual"),
    MEAN_WORDS("data layout message", "index type", "", "single chunk", "implicit",
               "fixed array", "extensible array", "version-2 B-tree"),
    MEAN_WORDS("fill value message", "allocation time", "", "early", "late",
               "incremental"),
    MEAN_WORDS("fill value message", "write time", "at allocation", "never",
               "if set by the user"),
    MEAN_WORDS("fill value message", "defined", "no", "yes"),
    MEAN_WORDS("link message", "kind", "hard", "soft"),
    MEAN_WORDS("", "character set", "ASCII", "UTF-8"),
    MEAN_WORDS("SMTB", "index type", "list", "B-tree"),
    MEAN_WORDS("shared message record", "place", "heap", "object header"),
    MEAN_WORDS("file space info message", "strategy", "FSM_AGGR", "PAGE", "AGGR",
               "NONE"),
};

static const struct mean_bits mean_bits[] = {
    MEAN_WORDS("", "message flags", "constant", "shared", "not to be shared",
               "fail if unknown and writable", "mark if unknown", "was unknown",
               "shareable", "fail if unknown"),
    MEAN_WORDS("OHDR", "flags", "", "", "attribute order tracked",
               "attribute order indexed", "phase change stored", "times stored"),
    MEAN_WORDS("superblock", "file consistency flags", "open for writing", "",
               "open for SWMR"),
    MEAN_WORDS("FRHP", "flags", "huge keys have wrapped", "checksums"),
    MEAN_WORDS("link info message", "flags", "order tracked", "order indexed"),
    MEAN_WORDS("attribute info message", "flags", "order tracked", "order indexed"),
    MEAN_WORDS("attribute message", "flags", "datatype shared", "dataspace shared"),
    MEAN_WORDS("dataspace message", "flags", "maximum dimensions stored",
               "permutation stored"),
    MEAN_WORDS("data layout message", "flags", "partial chunks not filtered",
               "single chunk filtered"),
    MEAN_WORDS("filter pipeline message", "filter flags", "optional"),
    MEAN_WORDS("link message", "flags", "", "", "order stored", "kind stored",
               "character set stored"),
};

static bool
mean_is(const struct annot_field *f, const char *structure, const char *field)
{
    return strcmp(f->name, field) == 0 &&
           (structure[0] == '\0' || strcmp(f->structure, structure) == 0);
}

static bool
mean_word(const struct annot_field *f, char *out, size_t size)
{
    for (size_t i = 0; i < sizeof mean_words / sizeof *mean_words; i++) {
        const struct mean_words *const w = &mean_words[i];

        if (!mean_is(f, w->structure, w->field))
            continue;
        if (f->value < w->n)
            snprintf(out, size, "%s", w->word[f->value]);
        return true;
    }
    return false;
}

static bool
mean_flags(const struct annot_field *f, char *out, size_t size)
{
    for (size_t i = 0; i < sizeof mean_bits / sizeof *mean_bits; i++) {
        const struct mean_bits *const w = &mean_bits[i];
        size_t at = 0;

        if (!mean_is(f, w->structure, w->field))
            continue;
        for (unsigned b = 0; b < w->n; b++)
            if ((f->value >> b & 1) != 0 && w->word[b][0] != '\0' && at < size)
                at += (size_t)snprintf(out + at, size - at, "%s%s", at != 0 ? ", " : "",
                                       w->word[b]);
        return true;
    }
    return false;
}

static bool
mean_type_class(const struct annot_field *f, char *out, size_t size)
{
    static const char *const classes[] = {"integer",  "float",  "time",     "string",
                                          "bitfield", "opaque", "compound", "reference",
                                          "enum",     "vlen",   "array",    "complex"};

    if (!mean_is(f, "", "class and version"))
        return false;
    snprintf(out, size, "%s, version %u",
             (f->value & 15) < 12 ? classes[f->value & 15] : "unknown class",
             (unsigned)(f->value >> 4 & 15));
    return true;
}

/* An address: of what? */
static bool
mean_address(struct annotate *a, const struct annot_field *f, char *out, size_t size)
{
    const size_t len = strlen(f->name);
    uint8_t p[RECOVER_LOOK];
    enum recover_mark m;
    size_t n;

    if (f->n != a->meta->off_w ||
        !(strstr(f->name, "address") != NULL || strstr(f->name, "index") != NULL ||
          strcmp(f->name, "child") == 0 || strcmp(f->name, "local heap") == 0 ||
          strcmp(f->name, "B-tree") == 0 || strcmp(f->name, "fractal heap") == 0 ||
          strcmp(f->name, "manager") == 0 ||
          (len > 7 && strcmp(f->name + len - 7, "sibling") == 0)))
        return false;
    if (f->value == ADDR_NONE) {
        snprintf(out, size, "undefined");
        return true;
    }
    n = meta_clip(a->meta, f->value, sizeof p);
    if (strcmp(f->name, "base address") == 0)
        return true;
    if (n == 0) {
        snprintf(out, size, "%s the file",
                 a->meta->base + f->value == a->file->file_size ? "the end of"
                                                                : "outside");
        return true;
    }
    if (meta_read(a->meta, f->value, p, n, NULL) != HI5_OK)
        return true;
    m = recover_mark_of(p, n);
    if (m != MARK_KINDS)
        snprintf(out, size, "-> %s", recover_mark_name(m));
    return true;
}

/* The calendar of the Gregorian rule, from days since 1970. */
static bool
mean_time(const struct annot_field *f, char *out, size_t size)
{
    const uint64_t days = f->value / 86400, second = f->value % 86400;
    const uint64_t z = days + 719468, era = z / 146097, doe = z % 146097;
    const uint64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    const uint64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    const uint64_t mp = (5 * doy + 2) / 153, month = mp < 10 ? mp + 3 : mp - 9;
    const size_t len = strlen(f->name);

    if (f->n != 4 || !(strcmp(f->name, "seconds") == 0 ||
                       (len > 5 && strcmp(f->name + len - 5, " time") == 0)))
        return false;
    snprintf(out, size, "%04llu-%02llu-%02llu %02llu:%02llu:%02llu UTC",
             (unsigned long long)(yoe + era * 400 + (month <= 2)),
             (unsigned long long)month,
             (unsigned long long)(doy - (153 * mp + 2) / 5 + 1),
             (unsigned long long)(second / 3600),
             (unsigned long long)(second / 60 % 60), (unsigned long long)(second % 60));
    return true;
}

/* Bytes that are text, perhaps with NULs behind it. */
static void
mean_text(const uint8_t *p, size_t n, char *out, size_t size)
{
    size_t len = 0;

    while (len < n && p[len] >= 0x20 && p[len] != 0x7f)
        len++;
    for (size_t i = len; i < n; i++)
        if (p[i] != 0)
            return;
    if (len >= 1 && len + 3 <= size)
        snprintf(out, size, "\"%.*s\"", (int)len, (const char *)p);
    else if (len >= 1 && size > 8)
        snprintf(out, size, "\"%.*s...\"", (int)(size - 6), (const char *)p);
}

HI5_INT void
annot_meaning(struct annotate *a, const struct annot_field *f, const uint8_t *bytes,
              size_t n, char *out, size_t size)
{
    const char *name;

    out[0] = '\0';
    if (f->name[0] == '\0' || f->n == 0 || mean_word(f, out, size) ||
        mean_flags(f, out, size) || mean_type_class(f, out, size) ||
        mean_address(a, f, out, size) || mean_time(f, out, size))
        return;
    if (mean_is(f, "", "message type")) {
        snprintf(out, size, "%s", msg_name((unsigned)f->value));
    } else if (mean_is(f, "", "filter id")) {
        name = hi5_filter_known_name((unsigned)f->value);
        snprintf(out, size, "%s", name != NULL ? name : "");
    } else if (mean_is(f, "", "checksum")) {
        snprintf(out, size, "%s", f->bad == NULL ? "right" : "");
    } else if (f->value == UINT64_MAX && mean_is(f, "", "maximum dimension")) {
        snprintf(out, size, "unlimited");
    } else if (f->value == 0 && !mean_is(f, "", "reserved") &&
               !mean_is(f, "", "padding") && !mean_is(f, "", "messages") &&
               !mean_is(f, "", "objects") && !mean_is(f, "", "heap ID")) {
        mean_text(bytes, n, out, size);
    }
}
