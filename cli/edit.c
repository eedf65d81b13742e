/*
 * edit.c - `hi5 rm`, `mv`, `ln`, `mkdir`: changing the tree of a file
 *
 * SPDX-License-Identifier: MIT
 */
#include "edit.h"

#include <stdlib.h>
#include <string.h>

/* -----------------------------------------------------------------------------
 * The file
 */

void
edit_done(struct edit_file *e)
{
    hi5_error err;

    if (e->f != NULL && hi5_close(e->f, &err) != HI5_OK)
        cli_fail(NULL, &err);
    free(e->name);
    *e = (struct edit_file){NULL, NULL};
}

bool
edit_at(struct edit_file *e, const char *arg, const char **path)
{
    const size_t n = e->name != NULL ? strlen(e->name) : 0;
    hi5_open_options o;
    const char *rest;
    hi5_error err;

    if (e->f != NULL && strncmp(arg, e->name, n) == 0 &&
        (arg[n] == '/' || arg[n] == '\0')) {
        *path = arg[n] != '\0' ? arg + n : "/";
        return true;
    }
    edit_done(e);
    cli_open_options(&o);
    o.write = true;
    if (cli_open_prefix(arg, &o, &e->f, &rest, &err) != HI5_OK) {
        cli_fail(NULL, &err);
        e->f = NULL;
        return false;
    }
    e->name = cli_copy_n(arg, (size_t)(rest - arg));
    *path = *rest != '\0' ? rest : "/";
    return true;
}

char *
edit_attribute(const char *path, const char **name)
{
    const char *const at = strrchr(path, '@');

    if (at == NULL)
        return NULL;
    *name = at + 1;
    return at > path ? cli_copy_n(path, (size_t)(at - path)) : cli_copy("/");
}

/* -----------------------------------------------------------------------------
 * rm
 */

static const char rm_help[] =
    "Usage: hi5 rm [-fv] FILE/PATH...\n"
    "       hi5 rm [-fv] FILE/PATH@ATTRIBUTE...\n"
    "\n"
    "Delete links, and objects with the last link to them, with all that is in them;\n"
    "or attributes. Their space is used for what is added later, and what is at the\n"
    "end of the file is given back at once; 'hi5 repack' gives back the rest.\n"
    "\n"
    "  -f, --force    what is not there is no failure\n"
    "  -v, --verbose  tell what is deleted\n"
    "  -h, --help     this\n"
    "\n"
    "What is named of one file is deleted together: all of it, or, if anything fails\n"
    "or the machine stops, nothing.\n";

static const struct cli_option rm_options[] = {
    {'f', 'f', "force", CLI_NOTHING},
    {'v', 'v', "verbose", CLI_NOTHING},
    {'h', 'h', "help", CLI_NOTHING},
    {0, 0, NULL, CLI_NOTHING},
};

static hi5_status
rm_attribute(hi5_file *f, const char *path, hi5_error *err)
{
    const char *name;
    char *const object = edit_attribute(path, &name);
    hi5_object *o;
    hi5_status s;

    if (object == NULL)
        return HI5_E_NOTFOUND;
    s = hi5_object_open(f, object, &o, err);
    if (s == HI5_OK) {
        s = hi5_attribute_delete(o, name, err);
        hi5_object_close(o);
    }
    free(object);
    return s;
}

static hi5_status
rm_one(hi5_file *f, const char *path, hi5_error *err)
{
    const hi5_status s = hi5_link_delete(f, path, err);
    hi5_error other;

    if (s == HI5_E_NOTFOUND && rm_attribute(f, path, &other) == HI5_OK)
        return HI5_OK;
    return s;
}

/* Whatever fails in a file, none of it is done. */
static void
edit_give_up(struct edit_file *e)
{
    hi5_error err;

    if (e->f != NULL && hi5_abort(e->f, &err) != HI5_OK)
        cli_fail(NULL, &err);
}

int
cmd_rm(int argc, char **argv)
{
    struct edit_file e = {NULL, NULL};
    struct cli_parser p;
    unsigned given;
    int status;

    if (!cli_flags(&p, rm_options, rm_help, argc, argv, &given, &status))
        return status;
    if (p.index == argc)
        return cli_usage_error("which object?");
    for (int i = p.index; i < argc; i++) {
        const char *path;
        hi5_error err;
        hi5_status s;

        if (!edit_at(&e, argv[i], &path))
            continue;
        s = rm_one(e.f, path, &err);
        if (s == HI5_OK && (given & CLI_FLAG('v')))
            cli_printf(stdout, "deleted %s\n", argv[i]);
        if (s != HI5_OK && !((given & CLI_FLAG('f')) && s == HI5_E_NOTFOUND)) {
            cli_fail(NULL, &err);
            edit_give_up(&e);
            break;
        }
    }
    edit_done(&e);
    return 0;
}

/* -----------------------------------------------------------------------------
 * mv
 */

static const char mv_help[] =
    "Usage: hi5 mv [-v] FILE/FROM... /TO\n"
    "       hi5 mv [-v] FILE/PATH@OLD @NEW\n"
    "\n"
    "Give a link another name or place in its file. If TO is a group, it goes there\n"
    "under the name that it has; several can only go to a group. Groups that are\n"
    "missing on the way are made. The second form renames an attribute.\n"
    "\n"
    "  -v, --verbose  tell what is moved\n"
    "  -h, --help     this\n";

static const struct cli_option mv_options[] = {
    {'v', 'v', "verbose", CLI_NOTHING},
    {'h', 'h', "help", CLI_NOTHING},
    {0, 0, NULL, CLI_NOTHING},
};

static bool
mv_is_group(hi5_file *f, const char *path)
{
    hi5_group *g;

    if (hi5_group_open(f, path, &g, NULL) != HI5_OK)
        return false;
    hi5_group_close(g);
    return true;
}

static hi5_status
mv_attribute(hi5_file *f, const char *path, const char *to, hi5_error *err)
{
    const char *name;
    char *const object = edit_attribute(path, &name);
    hi5_object *o;
    hi5_status s;

    if (object == NULL)
        return (hi5_status)cli_usage_error("'%s' is not PATH@ATTRIBUTE", path);
    s = hi5_object_open(f, object, &o, err);
    if (s == HI5_OK) {
        s = hi5_attribute_rename(o, name, to + 1, err);
        hi5_object_close(o);
    }
    free(object);
    return s;
}

static hi5_status
mv_one(hi5_file *f, const char *from, const char *to, hi5_error *err)
{
    struct cli_str place = {NULL, 0, 0};
    const char *name;
    hi5_status s;
    size_t n = strlen(from);

    if (*to == '@')
        return mv_attribute(f, from, to, err);
    cli_str_puts(&place, to);
    if (mv_is_group(f, to)) {
        while (n > 1 && from[n - 1] == '/')
            n--;
        for (name = from + n; name > from && name[-1] != '/';)
            name--;
        cli_str_putc(&place, '/');
        cli_str_add(&place, name, (size_t)(from + n - name));
    }
    s = hi5_link_move(f, from, cli_str_text(&place), err);
    cli_str_free(&place);
    return s;
}

int
cmd_mv(int argc, char **argv)
{
    struct edit_file e = {NULL, NULL};
    struct cli_parser p;
    const char *to, *path;
    unsigned given;
    bool ok = true;
    int status;

    if (!cli_flags(&p, mv_options, mv_help, argc, argv, &given, &status))
        return status;
    if (argc - p.index < 2)
        return cli_usage_error("what is to be moved where?");
    to = argv[argc - 1];
    for (int i = p.index; i < argc - 1 && ok; i++) {
        hi5_error err;

        ok = edit_at(&e, argv[i], &path);
        if (ok && argc - p.index > 2 && !mv_is_group(e.f, to)) {
            cli_error("'%s' is no group", to);
            ok = false;
        } else if (ok && mv_one(e.f, path, to, &err) != HI5_OK) {
            cli_fail(NULL, &err);
            ok = false;
        } else if (ok && (given & CLI_FLAG('v'))) {
            cli_printf(stdout, "moved %s to %s\n", argv[i], to);
        }
    }
    if (!ok)
        edit_give_up(&e);
    edit_done(&e);
    return 0;
}

/* -----------------------------------------------------------------------------
 * ln
 */

static const char ln_help[] =
    "Usage: hi5 ln FILE/OBJECT /LINK\n"
    "       hi5 ln -s TARGET FILE/LINK\n"
    "       hi5 ln -x OTHER -s TARGET FILE/LINK\n"
    "\n"
    "Make a link: one more name for an object; with -s, a soft link that leads to\n"
    "whatever is at TARGET, if anything; with -x too, an external link to TARGET in\n"
    "the file OTHER. Groups that are missing on the way are made.\n"
    "\n"
    "  -s, --soft=TARGET   a soft link\n"
    "  -x, --file=OTHER    an external one\n"
    "  -h, --help          this\n";

static const struct cli_option ln_options[] = {
    {'s', 's', "soft", CLI_VALUE},
    {'x', 'x', "file", CLI_VALUE},
    {'h', 'h', "help", CLI_NOTHING},
    {0, 0, NULL, CLI_NOTHING},
};

int
cmd_ln(int argc, char **argv)
{
    const char *soft = NULL, *file = NULL, *path;
    struct edit_file e = {NULL, NULL};
    struct cli_parser p;
    hi5_error err;
    hi5_status s;
    int id;

    cli_parse(&p, ln_options, argc, argv);
    while ((id = cli_next(&p)) != CLI_END) {
        if (id == CLI_BAD)
            return 1;
        if (id == 'h') {
            cli_puts(stdout, ln_help);
            return 0;
        }
        *(id == 's' ? &soft : &file) = p.value;
    }
    if (file != NULL && soft == NULL)
        return cli_usage_error("an external link needs a target, too: -s TARGET");
    if (argc - p.index != (soft != NULL ? 1 : 2))
        return cli_usage_error("what is to be linked where?");
    if (!edit_at(&e, argv[p.index], &path))
        return 1;
    if (file != NULL)
        s = hi5_link_external(e.f, path, file, soft, &err);
    else if (soft != NULL)
        s = hi5_link_soft(e.f, path, soft, &err);
    else
        s = hi5_link_hard(e.f, argv[p.index + 1], path, &err);
    if (s != HI5_OK) {
        cli_fail(NULL, &err);
        edit_give_up(&e);
    }
    edit_done(&e);
    return 0;
}

/* -----------------------------------------------------------------------------
 * mkdir
 */

static const char mkdir_help[] =
    "Usage: hi5 mkdir [OPTIONS] FILE/GROUP...\n"
    "\n"
    "Make groups.\n"
    "\n"
    "  -p, --parents      and those that are missing on the way; no failure if there is\n"
    "                     such a group\n"
    "  -t, --track-order  let the group keep the order in which links are made\n"
    "  -v, --verbose      tell what is made\n"
    "  -h, --help         this\n";

static const struct cli_option mkdir_options[] = {
    {'p', 'p', "parents", CLI_NOTHING},
    {'t', 't', "track-order", CLI_NOTHING},
    {'v', 'v', "verbose", CLI_NOTHING},
    {'h', 'h', "help", CLI_NOTHING},
    {0, 0, NULL, CLI_NOTHING},
};

int
cmd_mkdir(int argc, char **argv)
{
    hi5_group_options o = {.size = sizeof o};
    struct edit_file e = {NULL, NULL};
    struct cli_parser p;
    unsigned given;
    bool parents;
    int status;

    if (!cli_flags(&p, mkdir_options, mkdir_help, argc, argv, &given, &status))
        return status;
    parents = given & CLI_FLAG('p');
    o.track_order = o.index_order = given & CLI_FLAG('t');
    o.no_parents = !parents;
    if (p.index == argc)
        return cli_usage_error("which group?");
    for (int i = p.index; i < argc; i++) {
        const char *path;
        hi5_error err;
        hi5_status s;

        if (!edit_at(&e, argv[i], &path))
            continue;
        s = hi5_group_create(e.f, path, &o, NULL, &err);
        if (s == HI5_OK && (given & CLI_FLAG('v')))
            cli_printf(stdout, "made %s\n", argv[i]);
        if (s != HI5_OK && !(parents && mv_is_group(e.f, path))) {
            cli_fail(NULL, &err);
            edit_give_up(&e);
            break;
        }
    }
    edit_done(&e);
    return 0;
}
