/*
 * truth.c - what a file holds, as canonical JSON lines with hashes of all values
 *
 *      truth [-f family|split|multi] FILE
 *
 * One object per line, sorted by path; the first line is about the file. The same
 * description made with libhdf5 lies beside each fixture as NAME.jsonl, so a
 * comparison of lines compares everything: structure, types, attributes, layout,
 * filters, and each value. fixtures/README.md defines the fields. Status: 0, 3 when
 * something could not be read (its line has "error"), 1 when the file does not open.
 *
 * Links are walked depth first in the order of their names. The path by which an
 * object is met first is its primary path; later hard links only name that.
 */
#include "truth.h"

#include <stdio.h>

/* libhdf5 reports the one time of a version-1 header as the change time. */
static void
put_object_info(struct text *out, const hi5_object_info *i)
{
    const int64_t change = i->has_mtime && !i->has_times ? i->mtime : i->ctime;

    text_add(out, ",\"rc\":%" PRIu32 ",\"ohdr\":%u", i->reference_count,
             i->header_version);
    if (i->has_times && (i->atime || i->mtime || i->ctime || i->btime))
        text_add(out, ",\"times\":[%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64 "]",
                 i->atime, i->mtime, i->ctime, i->btime);
    else if (!i->has_times && change != 0)
        text_add(out, ",\"times\":[0,0,%" PRId64 ",0]", change);
    if (i->comment != NULL && i->comment[0] != '\0') {
        text_add(out, ",\"comment\":");
        text_add_json(out, i->comment);
    }
}

static void
put_object(struct walk *w, struct text *out, const struct record *r)
{
    hi5_object *o;
    hi5_object_info i;
    hi5_error err;

    if (hi5_object_open_address(w->f, r->address, &o, &err)) {
        put_error(w, out, "error", &err);
        return;
    }
    if (hi5_object_get_info(o, &i, &err)) {
        put_error(w, out, "error", &err);
    } else {
        put_object_info(out, &i);
        if (r->kind == HI5_KIND_GROUP)
            put_group(w, out, o);
        else if (r->kind == HI5_KIND_DATASET)
            put_dataset(w, out, o, r->file);
        else if (hi5_object_type(o) != NULL) {
            struct text t = {0};

            add_type(&t, hi5_object_type(o));
            text_add(out, ",\"dtype\":");
            text_add_json(out, t.s);
            text_free(&t);
        }
        put_attributes(w, out, o, r->file);
    }
    hi5_object_close(o);
}

static const char *
kind_name(const struct record *r)
{
    static const char *const names[] = {"error", "group", "dataset", "datatype"};

    if (r->error != NULL)
        return "error";
    if (r->is_link && r->link_kind != HI5_LINK_HARD)
        return r->link_kind == HI5_LINK_SOFT       ? "softlink"
               : r->link_kind == HI5_LINK_EXTERNAL ? "extlink"
                                                   : "udlink";
    return names[r->kind];
}

static void
put_string(struct text *out, const char *key, const char *value)
{
    text_add(out, ",\"%s\":", key);
    text_add_json(out, value != NULL ? value : "");
}

static void
put_line(struct walk *w, struct text *out, const struct record *r)
{
    text_add(out, "{\"path\":");
    text_add_json(out, r->path);
    text_add(out, ",\"kind\":\"%s\"", kind_name(r));
    if (r->has_order)
        text_add(out, ",\"lcorder\":%" PRId64, r->order);
    if (r->utf8)
        text_add(out, ",\"lcset\":\"utf8\"");
    if (r->error != NULL) {
        put_string(out, "error", r->error);
    } else if (r->is_link && r->link_kind == HI5_LINK_SOFT) {
        put_string(out, "target", r->target);
    } else if (r->is_link && r->link_kind == HI5_LINK_EXTERNAL) {
        put_string(out, "file", r->file_name);
        put_string(out, "target", r->target);
    } else if (r->is_link && r->link_kind != HI5_LINK_HARD) {
        text_add(out, ",\"class\":%u,\"size\":%zu,\"sha256\":\"%s\"", r->link_kind,
                 r->data_size, r->data_hash);
    } else if (r->same != NOT_FOUND) {
        put_string(out, "same_as", w->records[r->same].path);
    } else if (r->kind == HI5_KIND_UNKNOWN) {
        put_string(out, "error", "an object of unknown kind");
        w->errors++;
    } else {
        put_object(w, out, r);
    }
    text_add(out, "}\n");
}

static void
put_file(struct text *out, const hi5_file *f)
{
    hi5_file_info i;

    hi5_file_get_info(f, &i);
    text_add(out,
             "{\"path\":\"\",\"kind\":\"file\",\"superblock\":%u,\"userblock\":%" PRIu64
             ",\"sizes\":[%u,%u],\"sym_k\":[%u,%u],\"istore_k\":%u,\"sohm_indexes\":%u"
             ",\"fspace\":[%u,%d,%" PRIu64 ",%" PRIu64 "]}\n",
             i.superblock_version, i.userblock_size, i.offset_size, i.length_size,
             i.group_internal_k, i.group_leaf_k, i.chunk_k, i.sohm_indexes,
             i.fspace_strategy, i.fspace_persist, i.fspace_threshold,
             i.fspace_page_size);
}

/* Sort indexes, so that `same` stays valid. */
static const struct record *sort_base;

static int
by_path(const void *a, const void *b)
{
    const size_t i = *(const size_t *)a, k = *(const size_t *)b;
    const int c = strcmp(sort_base[i].path, sort_base[k].path);

    return c ? c : i < k ? -1 : 1;
}

static void
put_records(struct walk *w)
{
    size_t *const order = or_exit(calloc(w->n, sizeof(*order)));
    struct text out = {0};

    for (size_t i = 0; i < w->n; i++)
        order[i] = i;
    sort_base = w->records;
    qsort(order, w->n, sizeof(*order), by_path);
    put_file(&out, w->f);
    for (size_t i = 0; i < w->n; i++) {
        put_line(w, &out, &w->records[order[i]]);
        fwrite(out.s, 1, out.n, stdout);
        out.n = 0;
    }
    text_free(&out);
    free(order);
}

static int
fail_line(const char *path, const hi5_error *err)
{
    struct text out = {0};

    text_add(&out, "{\"path\":");
    text_add_json(&out, path);
    text_add(&out, ",\"kind\":\"error\",\"error\":");
    text_add_json(&out, err->message);
    text_add(&out, "}\n");
    fwrite(out.s, 1, out.n, stdout);
    text_free(&out);
    return 1;
}

static bool
driver_by_name(const char *name, hi5_driver *driver)
{
    static const char *const names[] = {"auto", "plain", "family", "split", "multi"};

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (strcmp(name, names[i]) == 0) {
            *driver = (hi5_driver)i;
            return true;
        }
    return false;
}

int
main(int argc, char **argv)
{
    hi5_open_options options = {.size = sizeof(options)};
    struct walk w = {0};
    hi5_file_info info;
    hi5_error err;
    struct record *root;

    if (argc == 4 && strcmp(argv[1], "-f") == 0 &&
        driver_by_name(argv[2], &options.driver)) {
        argv += 2;
        argc -= 2;
    }
    if (argc != 2) {
        fputs("usage: truth [-f family|split|multi] FILE\n", stderr);
        return 2;
    }
    if (hi5_open(argv[1], &options, &w.f, &err))
        return fail_line("", &err);
    hi5_file_get_info(w.f, &info);
    root = add_record(&w, copy_string("/"));
    root->address = info.root_address;
    visit_object(&w, 0, 0);
    put_records(&w);
    free_walk(&w);
    return w.errors ? 3 : 0;
}
