/*
 * diff_json.c - differences as JSON; hi5-diff(1) describes it
 *
 * SPDX-License-Identifier: MIT
 */
#include "diff.h"
#include "report.h"
#include "value.h"

#include <math.h>
#include <string.h>

static const char *const item_names[] = {
    "group",         "dataset",           "datatype",  "soft link",
    "external link", "user-defined link", "attribute", "unknown",
};

static const char *const reasons[] = {
    "kinds",   "classes", "times", "ranks",  "shapes",     "strings",
    "members", "signs",   "empty", "filter", "references", "referred",
    "regions", "arrays",  "types", "maxima", "virtual",
};

static const char *
item_name(hi5_diff_item item)
{
    return (unsigned)item < sizeof item_names / sizeof *item_names ? item_names[item]
                                                                   : "unknown";
}

static void
begin_event(struct diff_cli *d, const char *name)
{
    cli_printf(stdout, "%s{\"event\":\"%s\"", d->events++ ? ",\n" : "\n", name);
}

static void
put_key(const char *key)
{
    cli_printf(stdout, ",\"%s\":", key);
}

static void
put_number(const char *key, uint64_t value)
{
    put_key(key);
    cli_printf(stdout, "%llu", (unsigned long long)value);
}

/* The pair that an event is about. */
static void
put_pair(const hi5_diff_event *e)
{
    put_key("paths");
    cli_puts(stdout, "[");
    for (unsigned i = 0; i < 2; i++) {
        if (i)
            cli_puts(stdout, ",");
        if (e->path[i])
            report_json_string(stdout, e->path[i]);
        else
            cli_puts(stdout, "null");
    }
    cli_puts(stdout, "]");
    if (e->attribute) {
        put_key("attribute");
        report_json_string(stdout, e->attribute);
    }
    if (e->depth)
        put_number("depth", e->depth);
}

static void
put_position(const hi5_diff_event *e)
{
    put_key("at");
    cli_puts(stdout, "[");
    for (unsigned k = 0; k < e->shape[0]->rank; k++)
        cli_printf(stdout, "%s%llu", k ? "," : "", (unsigned long long)e->position[k]);
    cli_puts(stdout, "]");
}

/* A value, as a JSON number where it is one. */
static void
put_value(const hi5_type *t, const void *p)
{
    const hi5_class c = hi5_type_class(t);
    struct cli_str s = {0};
    struct value *v = value_compile(t);

    if (c == HI5_ENUM && hi5_type_enum_name(t, p)) {
        report_json_string(stdout, hi5_type_enum_name(t, p));
    } else if (c == HI5_ENUM) {
        value_put_integer(&s, v->parts, p);
        cli_puts(stdout, cli_str_text(&s));
    } else if (c == HI5_INTEGER) {
        value_put_integer(&s, v, p);
        cli_puts(stdout, cli_str_text(&s));
    } else if (c == HI5_FLOAT) {
        const long double x = value_float(v, p);
        value_put_float(&s, v, x);
        cli_printf(stdout, isfinite(x) ? "%s" : "\"%s\"", cli_str_text(&s));
    } else { /* a character or byte */
        cli_printf(stdout, "%u", *(const unsigned char *)p);
    }
    cli_str_free(&s);
    value_free(v);
}

static void
put_values(const hi5_diff_event *e)
{
    const hi5_class c = hi5_type_class(e->type[0]);

    put_pair(e);
    put_position(e);
    if (c != HI5_INTEGER && c != HI5_FLOAT && c != HI5_ENUM)
        put_number("byte", e->byte);
    put_key("values");
    cli_puts(stdout, "[");
    put_value(e->type[0], e->value[0]);
    cli_puts(stdout, ",");
    put_value(e->type[1], e->value[1]);
    cli_puts(stdout, "]");
    if (e->has_relative && !e->no_relative) {
        put_key("relative");
        if (isfinite(e->relative))
            cli_printf(stdout, "%.17g", e->relative);
        else
            cli_puts(stdout, "null");
    }
    if (!e->counted)
        cli_puts(stdout, ",\"counted\":false");
}

static void
put_ends(const hi5_diff_event *e)
{
    cli_printf(stdout, ",\"lengths\":[%llu,%llu]", (unsigned long long)e->length[0],
               (unsigned long long)e->length[1]);
}

hi5_status
diff_json(void *ctx, const hi5_diff_event *e, hi5_error *err)
{
    struct diff_cli *d = ctx;

    (void)err;
    switch (e->what) {
    case HI5_DIFF_NAME:
    case HI5_DIFF_ATTRIBUTE:
        if (e->in[0] && e->in[1])
            return HI5_OK;
        begin_event(d, "only");
        put_number("in", e->in[0] ? 1 : 2);
        put_key("item");
        cli_printf(stdout, "\"%s\"", e->attribute ? "attribute" : item_name(e->item));
        put_key("path");
        report_json_string(stdout, e->path[e->attribute && e->in[1] ? 1 : 0]);
        if (e->attribute) {
            put_key("attribute");
            report_json_string(stdout, e->attribute);
        }
        break;
    case HI5_DIFF_END:
        begin_event(d, "pair");
        put_key("item");
        cli_printf(stdout, "\"%s\"", item_name(e->item));
        put_pair(e);
        put_number("differences", e->count);
        if (e->same)
            cli_puts(stdout, ",\"same\":true");
        break;
    case HI5_DIFF_VALUE:
        begin_event(d, "value");
        put_values(e);
        break;
    case HI5_DIFF_LENGTH:
        begin_event(d, "length");
        put_pair(e);
        put_position(e);
        put_ends(e);
        break;
    case HI5_DIFF_NULL:
        begin_event(d, "null");
        put_pair(e);
        put_position(e);
        put_number("in", e->in[0] ? 1 : 2);
        break;
    case HI5_DIFF_REGION:
        begin_event(d, "region");
        put_pair(e);
        put_position(e);
        put_number("differences", e->count);
        break;
    case HI5_DIFF_INCOMPARABLE:
    case HI5_DIFF_NOTE:
        begin_event(d, e->what == HI5_DIFF_NOTE ? "note" : "incomparable");
        put_pair(e);
        put_key("reason");
        cli_printf(stdout, "\"%s\"", reasons[(unsigned)e->reason < 17 ? e->reason : 0]);
        break;
    case HI5_DIFF_DANGLING:
        begin_event(d, "dangling");
        put_pair(e);
        cli_printf(stdout, ",\"in\":[%s,%s]", e->in[0] ? "true" : "false",
                   e->in[1] ? "true" : "false");
        break;
    case HI5_DIFF_FAILED:
        begin_event(d, "failed");
        put_pair(e);
        put_key("message");
        report_json_string(stdout, e->error->message);
        break;
    default:
        return HI5_OK;
    }
    cli_puts(stdout, "}");
    return HI5_OK;
}

void
diff_json_begin(struct diff_cli *d, const char *const path[2])
{
    cli_puts(stdout, "{\"files\":[");
    report_json_string(stdout, d->file_name[0]);
    cli_puts(stdout, ",");
    report_json_string(stdout, d->file_name[1]);
    cli_puts(stdout, "],\"paths\":[");
    report_json_string(stdout, path[0]);
    cli_puts(stdout, ",");
    report_json_string(stdout, path[1]);
    cli_puts(stdout, "],\n\"events\":[");
}

void
diff_json_end(struct diff_cli *d, const hi5_diff_result *r, int status)
{
    (void)d;
    cli_printf(
        stdout,
        "],\n\"differences\":%llu,\"objects\":%llu,\"attributes\":%llu,"
        "\"only\":[%llu,%llu],\"attributes_only\":[%llu,%llu],"
        "\"incomparable\":%llu,\"failures\":%llu,\"chunks_same\":%llu,"
        "\"status\":%d}\n",
        (unsigned long long)r->differences, (unsigned long long)r->objects,
        (unsigned long long)r->attributes, (unsigned long long)r->only[0],
        (unsigned long long)r->only[1], (unsigned long long)r->attributes_only[0],
        (unsigned long long)r->attributes_only[1], (unsigned long long)r->incomparable,
        (unsigned long long)r->failures, (unsigned long long)r->chunks_same, status);
}
