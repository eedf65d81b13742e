/*
 * dump_bytes.c - `hi5 dump --bytes`: one structure of a file, field by field
 *
 * SPDX-License-Identifier: MIT
 */
#include "dump.h"
#include "report.h"

#include <stdlib.h>
#include <string.h>

#define DEPTH 64
#define SHOWN 8 /* bytes of a field in a line of the table */

enum { OPT_BYTES = 256, OPT_JSON, OPT_DRIVER };

static const struct cli_option bytes_options[] = {
    {'h', 'h', "help", CLI_NOTHING},    {OPT_BYTES, 0, "bytes", CLI_VALUE},
    {OPT_JSON, 0, "json", CLI_NOTHING}, {OPT_DRIVER, 'f', "filedriver", CLI_VALUE},
    {OPT_DRIVER, 0, "vfd", CLI_VALUE},  {OPT_DRIVER, 0, "vfd-name", CLI_VALUE},
    {0, 0, NULL, CLI_NOTHING},
};

struct bytes {
    bool json, color, any, bad;
    const char *structure[DEPTH]; /* the one at hand, at each depth */
};

bool
dump_wants_bytes(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--bytes") == 0 || strncmp(argv[i], "--bytes=", 8) == 0)
            return true;
    return false;
}

static void
print_hex(const hi5_annotation *f, size_t most, const char *between)
{
    for (size_t i = 0; i < f->nbytes && i < most; i++)
        cli_printf(stdout, "%s%02x", i ? between : "", f->bytes[i]);
}

/* The bytes in a column of their own, with dots where there are more. */
static void
print_bytes(const hi5_annotation *f, bool more)
{
    const size_t n = f->nbytes < SHOWN ? f->nbytes : SHOWN;

    print_hex(f, SHOWN, " ");
    cli_puts(stdout, f->nbytes > SHOWN ? " ..." : "");
    if (more)
        cli_printf(stdout, "%*s",
                   (int)(3 * (SHOWN - n) + (n == 0              ? 4
                                            : f->nbytes > SHOWN ? 1
                                                                : 5)),
                   "");
}

static void
print_value(const hi5_annotation *f)
{
    const bool is_address =
        strstr(f->field, "address") != NULL || strstr(f->field, "checksum") != NULL ||
        strstr(f->field, "hash") != NULL || strncmp(f->meaning, "->", 2) == 0;
    char text[32] = "";

    if (f->is_number && strcmp(f->meaning, "undefined") != 0 &&
        strcmp(f->meaning, "unlimited") != 0)
        snprintf(text, sizeof text, is_address ? "0x%llx" : "%llu",
                 (unsigned long long)f->value);
    else if (f->size > SHOWN)
        snprintf(text, sizeof text, "%llu bytes", (unsigned long long)f->size);
    print_bytes(f, *text || *f->meaning || f->bad);
    cli_printf(stdout, *f->meaning || f->bad ? "%-12s" : "%s", text);
    if (*f->meaning) {
        cli_puts(stdout, "  ");
        report_text(stdout, f->meaning);
    }
}

static void
print_bad(const struct bytes *b, const hi5_annotation *f)
{
    if (!f->bad)
        return;
    cli_puts(stdout, b->color ? "  \033[1;31m" : "  ");
    cli_puts(stdout, f->stopped ? "<- STOPPED HERE: " : "<- ");
    report_text(stdout, f->bad);
    if (*f->section)
        cli_printf(stdout, " [FMT %s]", f->section);
    cli_puts(stdout, b->color ? "\033[0m" : "");
}

/* A line with the structure's name where another one begins. Names are static. */
static void
print_heading(struct bytes *b, const hi5_annotation *f)
{
    const unsigned depth = f->depth < DEPTH ? f->depth : DEPTH - 1;

    for (unsigned i = depth + 1; i < DEPTH; i++)
        b->structure[i] = NULL;
    if (b->structure[depth] && strcmp(b->structure[depth], f->structure) == 0)
        return;
    b->structure[depth] = f->structure;
    if (depth > 0 && b->structure[depth - 1] &&
        strcmp(b->structure[depth - 1], f->structure) == 0)
        return;
    cli_printf(stdout, "%s%*s%s", b->color ? "\033[1m" : "", 12 + 2 * (int)f->depth, "",
               f->structure);
    if (*f->section)
        cli_printf(stdout, " [FMT %s]", f->section);
    cli_puts(stdout, b->color ? "\033[0m\n" : "\n");
}

static void
print_line(struct bytes *b, const hi5_annotation *f)
{
    const char *name = *f->field ? f->field : "(not decoded)";
    const int width = 34 - 2 * (int)f->depth;

    print_heading(b, f);
    cli_printf(stdout, "0x%08llx  %*s%-*s  ", (unsigned long long)f->address,
               2 * (int)f->depth, "", width > 0 ? width : 0, name);
    if (f->encloses) {
        cli_printf(stdout, "%llu bytes:", (unsigned long long)f->size);
    } else {
        print_value(f);
    }
    print_bad(b, f);
    cli_puts(stdout, "\n");
}

static void
print_json_line(const struct bytes *b, const hi5_annotation *f)
{
    cli_printf(stdout, "%s\n{\"address\":%llu,\"size\":%llu,\"depth\":%u,",
               b->any ? "," : "", (unsigned long long)f->address,
               (unsigned long long)f->size, f->depth);
    cli_puts(stdout, "\"structure\":");
    report_json_string(stdout, f->structure);
    cli_puts(stdout, ",\"field\":");
    report_json_string(stdout, f->field);
    cli_puts(stdout, ",\"section\":");
    report_json_string(stdout, f->section);
    cli_printf(stdout, ",\"encloses\":%s", f->encloses ? "true" : "false");
    if (!f->encloses) {
        cli_puts(stdout, ",\"bytes\":\"");
        print_hex(f, f->nbytes, "");
        cli_puts(stdout, "\"");
    }
    if (f->is_number)
        cli_printf(stdout, ",\"value\":%llu", (unsigned long long)f->value);
    if (*f->meaning) {
        cli_puts(stdout, ",\"meaning\":");
        report_json_string(stdout, f->meaning);
    }
    if (f->bad) {
        cli_puts(stdout, ",\"bad\":");
        report_json_string(stdout, f->bad);
        cli_printf(stdout, ",\"stopped\":%s", f->stopped ? "true" : "false");
    }
    cli_puts(stdout, "}");
}

static void
print_field(void *ctx, const hi5_annotation *f)
{
    struct bytes *b = ctx;

    if (b->json)
        print_json_line(b, f);
    else
        print_line(b, f);
    b->any = true;
    b->bad |= f->stopped;
}

static void
print_structure(struct bytes *b, const char *file, const char *where,
                const hi5_open_options *open)
{
    uint64_t address = 0;
    const bool by_address = cli_number(where, &address);
    hi5_error err;

    if (b->json) {
        cli_puts(stdout, "{\"file\":");
        report_json_string(stdout, file);
        cli_puts(stdout, ",\"fields\":[");
    }
    if (hi5_annotate(file, open, by_address ? NULL : where, address, print_field, b,
                     &err))
        cli_fail(*err.path ? NULL : file, &err);
    else if (b->bad)
        cli_error("%s: what is at %s is damaged", file, where);
    if (b->json)
        cli_puts(stdout, "]}\n");
}

int
dump_bytes(int argc, char **argv)
{
    struct bytes b = {.color = cli_color(stdout)};
    const char *where = "";
    hi5_open_options open;
    struct cli_parser p;
    int id;

    cli_open_options(&open);
    cli_parse(&p, bytes_options, argc, argv);
    while ((id = cli_next(&p)) != CLI_END) {
        if (id == CLI_BAD)
            return EXIT_FAILURE;
        if (id == 'h') {
            dump_help(stdout);
            return cli_finish();
        }
        b.json |= id == OPT_JSON;
        where = id == OPT_BYTES ? p.value : where;
        if (id == OPT_DRIVER && !cli_driver(p.value, &open.driver))
            return cli_usage_error("there is no driver '%s'", p.value);
    }
    if (p.index + 1 != argc)
        return cli_usage_error("--bytes: which file? One at a time.");
    print_structure(&b, argv[p.index], where, &open);
    return cli_finish();
}
