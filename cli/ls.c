/*
 * ls.c - `hi5 ls`: the command line, and the walk through groups and links
 *
 * Prints what h5ls prints. Groups are walked with a stack of our own, and none is
 * entered twice in one walk, so that neither depth nor cycles in a file can hurt.
 *
 * SPDX-License-Identifier: MIT
 */
#include "ls.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_FOLLOW_DEPTH = 64 };

static void visit(struct ls *ls, hi5_group *base, const char *name, const char *path);

/* -----------------------------------------------------------------------------
 * File numbers
 *
 * h5ls shows the library's count of the files opened so far. A file that stays open
 * keeps its number; one that is reached again through an external link gets a new one
 * each time, and looking the link up before has counted as well.
 */

unsigned long
ls_file_number(const struct ls *ls, uint64_t file)
{
    for (size_t i = ls->nnumbers; i-- > 0;)
        if (ls->numbers[i].file == file)
            return ls->numbers[i].shown;
    return ls->last_number;
}

static bool
number_is_known(const struct ls *ls, uint64_t file)
{
    for (size_t i = 0; i < ls->nnumbers; i++)
        if (ls->numbers[i].file == file)
            return true;
    return false;
}

static void
push_number(struct ls *ls, uint64_t file, unsigned long opens)
{
    if (ls->nnumbers == ls->cap_numbers) {
        ls->cap_numbers = ls->cap_numbers ? 2 * ls->cap_numbers : 8;
        ls->numbers = cli_resize(ls->numbers, ls->cap_numbers, sizeof *ls->numbers);
    }
    ls->last_number += opens;
    ls->numbers[ls->nnumbers++] = (struct ls_number){file, ls->last_number};
}

/* -----------------------------------------------------------------------------
 * Objects seen in one walk
 */

struct seen_entry {
    uint64_t file, address;
    char *path;      /* where it was listed first; NULL: slot is free */
};

struct seen {
    struct seen_entry *slots;
    size_t n, cap;   /* cap is 0 or a power of two */
};

static struct seen_entry *
seen_slot(const struct seen *s, uint64_t file, uint64_t address)
{
    uint64_t hash = (address ^ file << 48) * 0x9e3779b97f4a7c15u;
    size_t i = (size_t)(hash >> 20) & (s->cap - 1);

    while (s->slots[i].path &&
           (s->slots[i].address != address || s->slots[i].file != file))
        i = (i + 1) & (s->cap - 1);
    return &s->slots[i];
}

/* Where the object was listed before; NULL if it was not, and it is remembered now. */
static const char *
seen_before(struct seen *s, const hi5_object_info *o, const char *path)
{
    if (2 * s->n >= s->cap) {
        struct seen old = *s;
        s->cap = old.cap ? 2 * old.cap : 64;
        s->slots = cli_alloc(s->cap * sizeof *s->slots);
        for (size_t i = 0; i < old.cap; i++)
            if (old.slots[i].path)
                *seen_slot(s, old.slots[i].file, old.slots[i].address) = old.slots[i];
        free(old.slots);
    }
    struct seen_entry *e = seen_slot(s, o->file_number, o->address);
    if (e->path)
        return e->path;
    *e = (struct seen_entry){o->file_number, o->address, cli_copy(path)};
    s->n++;
    return NULL;
}

static void
seen_free(struct seen *s)
{
    for (size_t i = 0; i < s->cap; i++)
        free(s->slots[i].path);
    free(s->slots);
}

/* -----------------------------------------------------------------------------
 * The links of a group
 */

struct ls_link {
    unsigned kind;
    char *name, *target, *file;
};

struct ls_links {
    struct ls_link *p;
    size_t n, cap;
};

static char *
copy_or_null(const char *text)
{
    return text ? cli_copy(text) : NULL;
}

static hi5_status
add_link(void *ctx, const hi5_link *link, hi5_error *err)
{
    struct ls_links *links = ctx;

    (void)err;
    if (links->n == links->cap) {
        links->cap = links->cap ? 2 * links->cap : 16;
        links->p = cli_resize(links->p, links->cap, sizeof *links->p);
    }
    links->p[links->n++] = (struct ls_link){link->kind, cli_copy(link->name),
                                            copy_or_null(link->target),
                                            copy_or_null(link->file)};
    return HI5_OK;
}

static void
free_link(struct ls_link *link)
{
    free(link->name);
    free(link->target);
    free(link->file);
}

/* -----------------------------------------------------------------------------
 * Symbolic links
 */

/* Note that a link was followed; true if it was before. Like h5ls this compares the path
 * that an external link gives, but not the file. */
static bool
followed_before(struct ls *ls, const struct ls_link *link)
{
    const char *target = link->target ? link->target : "";

    for (size_t i = 0; i < ls->nfollowed; i++)
        if (ls->followed[i].kind == link->kind &&
            strcmp(ls->followed[i].target, target) == 0)
            return true;
    if (ls->nfollowed == ls->cap_followed) {
        ls->cap_followed = ls->cap_followed ? 2 * ls->cap_followed : 16;
        ls->followed = cli_resize(ls->followed, ls->cap_followed, sizeof *ls->followed);
    }
    ls->followed[ls->nfollowed++] =
        (struct ls_followed){link->kind, cli_copy(target)};
    return false;
}

/* A link's value is shown as it is, but for control characters. */
static void
put_raw(struct cli_str *out, const char *text)
{
    for (const char *p = text; *p; p++) {
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            cli_str_printf(out, "\\%03o", (unsigned)(unsigned char)*p);
        else
            cli_str_putc(out, *p);
    }
}

static void
put_link(struct ls *ls, const struct ls_link *link)
{
    const char *target = link->target ? link->target : "";

    if (link->kind == HI5_LINK_SOFT) {
        cli_str_puts(&ls->out, "Soft Link {");
    } else {
        cli_str_puts(&ls->out, "External Link {");
        put_raw(&ls->out, link->file ? link->file : "");
        cli_str_puts(&ls->out, *target == '/' ? "/" : "//");
    }
    put_raw(&ls->out, target);
    cli_str_putc(&ls->out, '}');
}

/* Go on to what the link, already printed, points to. */
static void
follow(struct ls *ls, hi5_group *base, const struct ls_link *link, const char *path)
{
    bool literal = ls->literal;

    cli_str_putc(&ls->out, ' ');
    if (followed_before(ls, link)) {
        cli_str_puts(&ls->out, "{Already Visited}\n");
        return;
    }
    if (ls->depth >= MAX_FOLLOW_DEPTH) {
        cli_str_puts(&ls->out, "{Too many links in a row}\n");
        cli_error("%s: %s: too many links in a row", ls->file_name, path);
        return;
    }
    ls->depth++;
    ls->at_target = true;
    ls->literal = literal || !ls->recursive;
    visit(ls, base, link->name, path);
    ls->literal = literal;
    ls->depth--;
}

static void
list_link(struct ls *ls, hi5_group *base, const struct ls_link *link, const char *path)
{
    bool external = link->kind == HI5_LINK_EXTERNAL;

    ls_name(ls, path, "");
    if (!external && link->kind != HI5_LINK_SOFT) {
        cli_str_puts(&ls->out, "UD Link {cannot follow UD links}\n");
    } else {
        put_link(ls, link);
        if (ls->follow || (external && ls->follow_external))
            follow(ls, base, link, path);
        else
            cli_str_putc(&ls->out, '\n');
    }
    ls_flush(ls);
}

/* -----------------------------------------------------------------------------
 * Walking
 */

/* A group whose links are being listed. */
struct frame {
    hi5_group *group;
    struct ls_links links;
    size_t next;
    size_t path_len; /* of the group, without a '/' at the end */
};

struct walk {
    struct ls *ls;
    struct seen seen;
    struct frame *frames;
    size_t n, cap;
    struct cli_str path; /* of the link at hand */
};

/* Begin with the group that `o` is and that w->path leads to. */
static void
enter(struct walk *w, hi5_object *o)
{
    struct frame f = {.path_len = w->path.n};
    hi5_error err;

    if (hi5_object_group(o, &f.group, &err)) {
        cli_fail(*err.path ? NULL : cli_str_text(&w->path), &err);
        return;
    }
    while (f.path_len > 0 && w->path.p[f.path_len - 1] == '/')
        f.path_len--;
    if (hi5_group_each(f.group, HI5_BY_NAME, false, add_link, &f.links, &err))
        cli_fail(*err.path ? NULL : cli_str_text(&w->path), &err);
    if (w->n == w->cap) {
        w->cap = w->cap ? 2 * w->cap : 16;
        w->frames = cli_resize(w->frames, w->cap, sizeof *w->frames);
    }
    w->frames[w->n++] = f;
}

static void
leave(struct walk *w)
{
    struct frame *f = &w->frames[--w->n];

    for (size_t i = 0; i < f->links.n; i++)
        free_link(&f->links.p[i]);
    free(f->links.p);
    hi5_group_close(f->group);
}

static void
list_hard_link(struct walk *w, hi5_group *group, const char *name)
{
    const char *path = cli_str_text(&w->path), *before;
    hi5_object *o = NULL;
    hi5_object_info info;
    hi5_error err;

    if (hi5_object_open_at(group, name, &o, &err) ||
        hi5_object_get_info(o, &info, &err)) {
        ls_name(w->ls, path, "");
        cli_str_puts(&w->ls->out, "*ERROR*\n");
        ls_flush(w->ls);
        cli_fail(*err.path ? NULL : path, &err);
        if (o)
            hi5_object_close(o);
        return;
    }
    /* Objects with one link are seen once, unless the count is wrong; then they are
     * listed again, as h5ls does, but a group is not entered again. */
    bool track = info.reference_count > 1 || info.kind == HI5_KIND_GROUP;
    before = track ? seen_before(&w->seen, &info, path) : NULL;
    ls_object(w->ls, o, &info, path, info.reference_count > 1 ? before : NULL);
    if (info.kind == HI5_KIND_GROUP && !before && w->ls->recursive)
        enter(w, o);
    hi5_object_close(o);
}

/* List the links of a group, and of the groups below it if that is wanted. */
static void
walk(struct ls *ls, hi5_object *start, const hi5_object_info *info, const char *path)
{
    struct walk w = {.ls = ls};

    cli_str_puts(&w.path, path);
    seen_before(&w.seen, info, path);
    enter(&w, start);
    while (w.n > 0) {
        struct frame *f = &w.frames[w.n - 1];
        if (f->next == f->links.n) {
            leave(&w);
            continue;
        }
        const struct ls_link *link = &f->links.p[f->next++];
        cli_str_cut(&w.path, f->path_len);
        cli_str_putc(&w.path, '/');
        cli_str_puts(&w.path, link->name);
        if (link->kind == HI5_LINK_HARD)
            list_hard_link(&w, f->group, link->name);
        else
            list_link(ls, f->group, link, cli_str_text(&w.path));
    }
    seen_free(&w.seen);
    free(w.frames);
    cli_str_free(&w.path);
}

static void
not_found(struct ls *ls, const char *path, const hi5_error *err)
{
    if (ls->at_target) {
        /* A dangling link is a fact, not a failure. */
        cli_str_puts(&ls->out, "{**NOT FOUND**}\n");
        ls->dangling = true;
    } else {
        ls_name(ls, path, "**NOT FOUND**");
        ls_flush(ls);
        cli_fail(*err->path ? NULL : path, err);
    }
    ls->at_target = false;
    ls_flush(ls);
}

/* List the object that `name` leads to: from `base`, or from the root if that is NULL. */
static void
visit(struct ls *ls, hi5_group *base, const char *name, const char *path)
{
    hi5_object *o = NULL;
    hi5_object_info info;
    hi5_error err;
    hi5_status status = base ? hi5_object_open_at(base, name, &o, &err)
                             : hi5_object_open(ls->file, name, &o, &err);

    if (status || hi5_object_get_info(o, &info, &err)) {
        not_found(ls, path, &err);
        if (o)
            hi5_object_close(o);
        return;
    }
    size_t numbers = ls->nnumbers;
    bool enter_group = info.kind == HI5_KIND_GROUP && !ls->literal;
    bool new_file = !number_is_known(ls, info.file_number);
    if (new_file)
        push_number(ls, info.file_number, enter_group ? 4 : 3);
    if (!enter_group) {
        ls_object(ls, o, &info, path, NULL);
    } else {
        bool start = ls->show_root || ls->at_target;
        ls->name_start = ls->base_len;
        if (start)
            ls_object(ls, o, &info, path, NULL);
        if (new_file)
            push_number(ls, info.file_number, 1);
        walk(ls, o, &info, path);
    }
    ls->nnumbers = numbers;
    hi5_object_close(o);
}

/* -----------------------------------------------------------------------------
 * One argument
 */

/* The link that `path` ends in, if it is not a hard link: h5ls lists such a link rather
 * than what it points to. True if that was done. */
static bool
list_named_link(struct ls *ls, const char *path)
{
    size_t n = strlen(path);
    struct ls_link copy;
    hi5_group *parent;
    hi5_link link;
    hi5_error err;
    bool done = false;

    while (n > 1 && path[n - 1] == '/')
        n--;
    char *whole = cli_copy_n(path, n);
    char *slash = strrchr(whole, '/');
    char *folder = slash == whole ? cli_copy("/") : cli_copy_n(path, (size_t)(slash - whole));
    if (slash[1] && hi5_group_open(ls->file, folder, &parent, &err) == HI5_OK) {
        if (hi5_group_get_link(parent, slash + 1, &link, &err) == HI5_OK) {
            if (link.kind != HI5_LINK_HARD) {
                copy = (struct ls_link){link.kind, cli_copy(link.name),
                                        copy_or_null(link.target), copy_or_null(link.file)};
                list_link(ls, parent, &copy, path);
                free_link(&copy);
                done = true;
            }
            hi5_link_free(parent, &link);
        }
        hi5_group_close(parent);
    }
    free(folder);
    free(whole);
    return done;
}

/* How many files have been opened for this one, which moves the numbers shown. */
static unsigned long
member_count(const char *path, hi5_driver driver)
{
    const char *percent = strchr(path, '%');
    unsigned long n = 0;

    if (driver == HI5_DRIVER_SPLIT)
        return 2;
    if (!percent || driver == HI5_DRIVER_PLAIN || driver == HI5_DRIVER_MULTI)
        return 0;
    char *end;
    unsigned long digits = strtoul(percent + 1, &end, 10);
    if (*end != 'd' || digits > 20)
        return 0;
    for (; n < 100000; n++) {
        struct cli_str name = {0};
        cli_str_add(&name, path, (size_t)(percent - path));
        cli_str_printf(&name, "%0*lu%s", (int)digits, n, end + 1);
        FILE *f = fopen(cli_str_text(&name), "rb");
        cli_str_free(&name);
        if (!f)
            break;
        fclose(f);
    }
    return n;
}

static const char *
driver_name(hi5_file *f, hi5_driver driver)
{
    hi5_file_info info;

    hi5_file_get_info(f, &info);
    if (driver == HI5_DRIVER_FAMILY || strcmp(info.driver_name, "NCSAfami") == 0)
        return "family";
    if (driver == HI5_DRIVER_SPLIT || driver == HI5_DRIVER_MULTI ||
        strcmp(info.driver_name, "NCSAmult") == 0)
        return "multi";
    return "sec2";
}

static void
print_warnings(const struct ls *ls)
{
    const char *text;

    for (size_t i = 0; (text = hi5_file_warning(ls->file, i)) != NULL; i++)
        cli_warn("%s: %s", ls->file_name, text);
}

static void
begin_argument(struct ls *ls, const char *rest, hi5_driver driver)
{
    size_t n = strlen(rest);

    push_number(ls, hi5_file_number(ls->file),
                1 + member_count(ls->file_name, driver));
    print_warnings(ls);
    if (ls->verbose)
        cli_str_printf(&ls->out, "Opened \"%s\" with %s driver.\n", ls->file_name,
                       driver_name(ls->file, driver));
    if (n == 0 && ls->recursive)
        ls->show_root = true;
    ls->base_len = n > 0 ? n - (rest[n - 1] == '/') : 0;
    ls->name_start = n > 0 ? 1 : 0;
}

static void
end_argument(struct ls *ls)
{
    ls_flush(ls);
    for (size_t i = 0; i < ls->nfollowed; i++)
        free(ls->followed[i].target);
    ls->nfollowed = 0;
    ls->nnumbers = 0;
    if (ls->no_dangling && ls->dangling)
        cli_error("%s: there are dangling links", ls->file_name);
    ls->dangling = false;
}

static void
list_argument(struct ls *ls, const char *arg, const hi5_open_options *options)
{
    const char *rest;
    hi5_error err;

    if (cli_open_prefix(arg, options, &ls->file, &rest, &err)) {
        cli_fail(*err.path ? NULL : arg, &err);
        return;
    }
    char *name = cli_copy_n(arg, (size_t)(rest - arg));
    ls->file_name = name;
    begin_argument(ls, rest, options->driver);
    bool root = rest[strspn(rest, "/")] == '\0';
    if (root || !list_named_link(ls, rest))
        visit(ls, NULL, *rest ? rest : "/", *rest ? rest : "/");
    end_argument(ls);
    hi5_close(ls->file);
    free(name);
}

/* -----------------------------------------------------------------------------
 * The command line
 */

static void
print_help(void)
{
    cli_puts(stdout,
"Usage: hi5 ls [OPTIONS] FILE[/OBJECT]...\n"
"\n"
"List the objects of HDF5 files: one line each, with its name and kind, and the\n"
"shape of datasets. The output is that of h5ls.\n"
"\n"
"What to list\n"
"  FILE                  the root group of the file\n"
"  FILE/GROUP            a group in it\n"
"  FILE/DATASET          one dataset or datatype\n"
"  -r, --recursive       groups below groups as well, with full names\n"
"  -g, --group           a group itself, not what it holds\n"
"  --follow-symlinks     also what soft and external links point to\n"
"  -G, --no-dangling-links  with it: links that point nowhere are a failure\n"
"  -E, --external        follow external links only\n"
"\n"
"How much to tell\n"
"  -v, --verbose         attributes, address, links, time, comment, chunks,\n"
"                        storage, filters and the type of each object\n"
"  -a, --address         with -v: addresses of raw data, one line for each chunk\n"
"  -d, --data            the values of datasets (see also: hi5 cat, hi5 dump)\n"
"\n"
"How to print it\n"
"  -f, --full            full names rather than the last part\n"
"  -S, --simple          for programs: one value a line, types by size and byte order\n"
"  -l, --label           with -d: members of compounds as name=value\n"
"  -s, --string          with -d: one-byte integers as text\n"
"  -x, --hexdump         with -d: bytes in hexadecimal\n"
"  -w N, --width=N       columns to print data in; 0: one value a line\n"
"\n"
"Files in several parts\n"
"  --vfd=NAME            sec2 (one file), family, split or multi; without it, what\n"
"                        the name and the file say\n"
"\n"
"  -e, --enable-error-stack  accepted; errors are always reported\n"
"  -h, --help            this\n"
"  -V, --version         the version\n"
"\n"
"Examples\n"
"  hi5 ls run.h5                       the top of the file\n"
"  hi5 ls -r run.h5                    everything in it\n"
"  hi5 ls -v run.h5/detector/images    all about one dataset\n"
"  hi5 ls -d run.h5/detector/gain      its values\n"
"  hi5 ls -r --vfd=family run%05d.h5   a file in parts run00000.h5, run00001.h5, ...\n"
"\n"
"Environment: HDF5_EXT_PREFIX, HDF5_VDS_PREFIX and HDF5_EXTFILE_PREFIX tell where to\n"
"look for linked files, sources of virtual datasets and external raw data.\n"
"\n"
"Exit status: 0, or 1 if anything could not be read; the rest is listed anyway.\n");
}

enum { OPT_WIDTH = 256, OPT_DRIVER, OPT_FOLLOW, OPT_IGNORED };

static const struct cli_option ls_options[] = {
    {'h', 'h', "help", CLI_NOTHING},
    {'h', '?', NULL, CLI_NOTHING},
    {'V', 'V', "version", CLI_NOTHING},
    {'a', 'a', "address", CLI_NOTHING},
    {'d', 'd', "data", CLI_NOTHING},
    {'e', 'e', "errors", CLI_NOTHING},
    {'e', 0, "enable-error-stack", CLI_MAYBE},
    {'E', 'E', "external", CLI_NOTHING},
    {'f', 'f', "full", CLI_NOTHING},
    {'g', 'g', "group", CLI_NOTHING},
    {'G', 'G', "no-dangling-links", CLI_NOTHING},
    {'l', 'l', "label", CLI_NOTHING},
    {'r', 'r', "recursive", CLI_NOTHING},
    {'s', 's', "string", CLI_NOTHING},
    {'S', 'S', "simple", CLI_NOTHING},
    {'v', 'v', "verbose", CLI_NOTHING},
    {'x', 'x', "hexdump", CLI_NOTHING},
    {OPT_WIDTH, 'w', "width", CLI_VALUE},
    {OPT_FOLLOW, 0, "follow-symlinks", CLI_NOTHING},
    {OPT_DRIVER, 0, "vfd", CLI_VALUE},
    {OPT_DRIVER, 0, "vfd-name", CLI_VALUE},
    {OPT_IGNORED, 0, "page-buffer-size", CLI_VALUE},
    {0, 0, NULL, CLI_NOTHING},
};

/* Options that only set something; false if `id` is not one of them. */
static bool
set_flag(struct ls *ls, int id)
{
    switch (id) {
    case 'a': ls->address = true; break;
    case 'd': ls->data = true; break;
    case 'e': break;
    case 'E': ls->follow_external = true; break;
    case 'f': ls->full = true; break;
    case 'g': ls->literal = true; break;
    case 'G': ls->no_dangling = true; break;
    case 'l': ls->label = true; break;
    case 'r': ls->recursive = ls->full = true; break;
    case 's': ls->string = true; break;
    case 'S': ls->simple = true; break;
    case 'v': ls->verbose++; break;
    case 'x': ls->hexdump = true; break;
    case OPT_FOLLOW: ls->follow = true; break;
    case OPT_IGNORED: break;
    default: return false;
    }
    return true;
}

static bool
set_value(struct ls *ls, hi5_open_options *options, int id, const char *value)
{
    uint64_t n;

    if (id == OPT_DRIVER) {
        if (cli_driver(value, &options->driver))
            return true;
        cli_usage_error("there is no driver '%s'", value);
        return false;
    }
    if (!cli_number(value, &n) || n > INT32_MAX) {
        cli_usage_error("the width '%s' is not a number", value);
        return false;
    }
    ls->no_wrap = n == 0;
    ls->width = (unsigned)n;
    return true;
}

/* Read the options; the index of the first argument, or the exit status as a negative
 * number less one. */
static int
read_options(struct ls *ls, hi5_open_options *options, int argc, char **argv)
{
    struct cli_parser p;
    int id;

    cli_parse(&p, ls_options, argc, argv);
    while ((id = cli_next(&p)) != CLI_END) {
        if (id == CLI_BAD)
            return -1 - EXIT_FAILURE;
        if (id == 'h' || id == 'V') {
            if (id == 'h')
                print_help();
            else
                cli_printf(stdout, "hi5 ls: version %s\n", hi5_version());
            return -1 - EXIT_SUCCESS;
        }
        if (!set_flag(ls, id) && !set_value(ls, options, id, p.value))
            return -1 - EXIT_FAILURE;
    }
    if (p.index >= argc)
        cli_usage_error("which file?");
    else if (ls->recursive && ls->literal)
        cli_usage_error("--recursive and --group do not go together");
    else if (ls->no_dangling && !ls->follow)
        cli_usage_error("--no-dangling-links needs --follow-symlinks");
    else
        return p.index;
    return -1 - EXIT_FAILURE;
}

int
cmd_ls(int argc, char **argv)
{
    struct ls ls = {.width = cli_columns(stderr, 80)};
    hi5_open_options options;

    cli_open_options(&options);
    int first = read_options(&ls, &options, argc, argv);
    if (first < 0)
        return -1 - first;
    ls.show_file_name = argc - first > 1;
    for (int i = first; i < argc; i++)
        list_argument(&ls, argv[i], &options);
    free(ls.followed);
    free(ls.numbers);
    cli_str_free(&ls.out);
    return cli_finish();
}
