/*
 * cli.c - messages, output, memory, options and opening for the subcommands
 *
 * Everything here may end the program: a tool that has no memory left or nowhere to
 * write to cannot do anything better. The library underneath never does.
 *
 * SPDX-License-Identifier: MIT
 */
#define _DEFAULT_SOURCE 1 /* ioctl's TIOCGWINSZ */

#include "cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <sys/ioctl.h>
#include <unistd.h>

static const char *cli_command = "";
static bool cli_any_failure;

/* -----------------------------------------------------------------------------
 * Errors and exit status
 */

void
cli_begin(const char *command)
{
    cli_command = command;
}

/* Names come from files that may be hostile: no control character of theirs may reach
 * the terminal. */
static void
print_safely(FILE *out, const char *text)
{
    for (const char *p = text; *p; p++) {
        unsigned char c = (unsigned char)*p;
        if (c < 0x20 || c == 0x7f)
            fprintf(out, "\\%03o", c);
        else
            putc(c, out);
    }
}

static void
say(const char *kind, const char *format, va_list args)
{
    struct cli_str s = {0};
    char small[512];
    va_list again;

    va_copy(again, args);
    int n = vsnprintf(small, sizeof small, format, args);
    if (n >= (int)sizeof small) {
        char *big = cli_alloc((size_t)n + 1);
        vsnprintf(big, (size_t)n + 1, format, again);
        cli_str_puts(&s, big);
        free(big);
    } else {
        cli_str_puts(&s, n < 0 ? format : small);
    }
    va_end(again);

    fflush(stdout);
    fprintf(stderr, "hi5%s%s: %s", *cli_command ? " " : "", cli_command, kind);
    print_safely(stderr, cli_str_text(&s));
    putc('\n', stderr);
    cli_str_free(&s);
}

void
cli_error(const char *format, ...)
{
    va_list args;

    cli_any_failure = true;
    va_start(args, format);
    say("", format, args);
    va_end(args);
}

void
cli_fail(const char *what, const hi5_error *err)
{
    const char *message = err->message[0] ? err->message : hi5_status_name(err->status);

    if (what && *what)
        cli_error("%s: %s", what, message);
    else
        cli_error("%s", message);
}

void
cli_warn(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say("warning: ", format, args);
    va_end(args);
}

int
cli_usage_error(const char *format, ...)
{
    va_list args;

    cli_any_failure = true;
    va_start(args, format);
    say("", format, args);
    va_end(args);
    fprintf(stderr, "Try 'hi5%s%s --help'.\n", *cli_command ? " " : "", cli_command);
    return EXIT_FAILURE;
}

bool
cli_failed(void)
{
    return cli_any_failure;
}

/* -----------------------------------------------------------------------------
 * Output
 */

/* The reader of a pipe that went away has seen all that it wanted to. */
static void
write_failed(const char *name)
{
    int cause = errno;

    if (cause != EPIPE) {
        fprintf(stderr, "hi5%s%s: cannot write", *cli_command ? " " : "", cli_command);
        if (name)
            fprintf(stderr, " %s", name);
        fprintf(stderr, ": %s\n", strerror(cause));
    }
    _Exit(EXIT_FAILURE);
}

void
cli_write(FILE *out, const void *bytes, size_t n)
{
    if (n > 0 && fwrite(bytes, 1, n, out) != n)
        write_failed(NULL);
}

void
cli_puts(FILE *out, const char *text)
{
    cli_write(out, text, strlen(text));
}

void
cli_printf(FILE *out, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    int n = vfprintf(out, format, args);
    va_end(args);
    if (n < 0)
        write_failed(NULL);
}

void
cli_close_output(FILE *out, const char *name)
{
    bool bad = ferror(out) || fflush(out) != 0;

    if (out != stdout && fclose(out) != 0)
        bad = true;
    if (bad)
        write_failed(name);
}

int
cli_finish(void)
{
    cli_close_output(stdout, NULL);
    return cli_any_failure ? EXIT_FAILURE : EXIT_SUCCESS;
}

bool
cli_terminal(FILE *out)
{
    return isatty(fileno(out));
}

bool
cli_color(FILE *out)
{
    const char *term = getenv("TERM"), *no = getenv("NO_COLOR");

    return cli_terminal(out) && term && strcmp(term, "dumb") != 0 && !(no && *no);
}

unsigned
cli_columns(FILE *out, unsigned otherwise)
{
    const char *columns = getenv("COLUMNS");
    unsigned long n = columns ? strtoul(columns, NULL, 10) : 0;
#ifdef TIOCGWINSZ
    struct winsize w;

    if (ioctl(fileno(out), TIOCGWINSZ, &w) == 0 && w.ws_col > 0)
        return w.ws_col;
#endif
    return n > 0 && n < 65536 ? (unsigned)n : otherwise;
}

/* -----------------------------------------------------------------------------
 * Memory
 */

static void *
or_die(void *p)
{
    if (!p) {
        fflush(stdout);
        fprintf(stderr, "hi5: out of memory\n");
        _Exit(EXIT_FAILURE);
    }
    return p;
}

void *
cli_alloc(size_t n)
{
    return or_die(calloc(n ? n : 1, 1));
}

void *
cli_resize(void *p, size_t count, size_t each)
{
    if (each && count > SIZE_MAX / each)
        return or_die(NULL);
    size_t n = count * each;
    return or_die(realloc(p, n ? n : 1));
}

char *
cli_copy_n(const char *text, size_t n)
{
    char *p = cli_alloc(n + 1);

    memcpy(p, text, n);
    return p;
}

char *
cli_copy(const char *text)
{
    return cli_copy_n(text, strlen(text));
}

/* Room for n more bytes and the NUL. */
static void
str_reserve(struct cli_str *s, size_t n)
{
    if (n >= SIZE_MAX / 2 - s->n)
        or_die(NULL);
    if (s->cap - s->n > n)
        return;
    size_t cap = s->cap ? s->cap : 64;
    while (cap - s->n <= n)
        cap *= 2;
    s->p = cli_resize(s->p, cap, 1);
    s->cap = cap;
}

void
cli_str_add(struct cli_str *s, const void *bytes, size_t n)
{
    str_reserve(s, n);
    if (n > 0)
        memcpy(s->p + s->n, bytes, n);
    s->n += n;
    s->p[s->n] = '\0';
}

void
cli_str_puts(struct cli_str *s, const char *text)
{
    cli_str_add(s, text, strlen(text));
}

void
cli_str_putc(struct cli_str *s, char c)
{
    cli_str_add(s, &c, 1);
}

void
cli_str_fill(struct cli_str *s, char c, size_t n)
{
    str_reserve(s, n);
    memset(s->p + s->n, c, n);
    s->n += n;
    s->p[s->n] = '\0';
}

void
cli_str_printf(struct cli_str *s, const char *format, ...)
{
    va_list args;

    str_reserve(s, 128);
    va_start(args, format);
    int n = vsnprintf(s->p + s->n, s->cap - s->n, format, args);
    va_end(args);
    if (n < 0) {
        s->p[s->n] = '\0';
        return;
    }
    if ((size_t)n >= s->cap - s->n) {
        str_reserve(s, (size_t)n);
        va_start(args, format);
        vsnprintf(s->p + s->n, s->cap - s->n, format, args);
        va_end(args);
    }
    s->n += (size_t)n;
}

void
cli_str_cut(struct cli_str *s, size_t n)
{
    if (n < s->n) {
        s->n = n;
        s->p[n] = '\0';
    }
}

const char *
cli_str_text(const struct cli_str *s)
{
    return s->p ? s->p : "";
}

void
cli_str_free(struct cli_str *s)
{
    free(s->p);
    *s = (struct cli_str){0};
}

/* -----------------------------------------------------------------------------
 * Options
 */

void
cli_parse(struct cli_parser *p, const struct cli_option *options, int argc, char **argv)
{
    *p =
        (struct cli_parser){.options = options, .argc = argc, .argv = argv, .index = 1};
}

/* The value that stands in the next argument. */
static bool
next_value(struct cli_parser *p, enum cli_takes takes)
{
    if (p->index >= p->argc)
        return false;
    if (takes == CLI_MAYBE_NEXT && p->argv[p->index][0] == '-')
        return false;
    p->value = p->argv[p->index++];
    return true;
}

static int
next_long(struct cli_parser *p, const char *name)
{
    const char *equals = strchr(name, '=');
    size_t n = equals ? (size_t)(equals - name) : strlen(name);
    const struct cli_option *o = p->options;

    while (o->id && !(o->name && strlen(o->name) == n && memcmp(o->name, name, n) == 0))
        o++;
    if (!o->id) {
        cli_usage_error("unknown option --%.*s", (int)n, name);
        return CLI_BAD;
    }
    if (equals && o->takes == CLI_NOTHING) {
        cli_usage_error("option --%s takes no value", o->name);
        return CLI_BAD;
    }
    if (equals)
        p->value = equals + 1;
    else if ((o->takes == CLI_VALUE || o->takes == CLI_MAYBE_NEXT) &&
             !next_value(p, o->takes) && o->takes == CLI_VALUE) {
        cli_usage_error("option --%s needs a value", o->name);
        return CLI_BAD;
    }
    return o->id;
}

static int
next_letter(struct cli_parser *p)
{
    char letter = *p->cluster++;
    const struct cli_option *o = p->options;

    while (o->id && o->letter != letter)
        o++;
    if (!o->id) {
        cli_usage_error("unknown option -%c", letter);
        return CLI_BAD;
    }
    if (o->takes == CLI_NOTHING)
        return o->id;
    if (*p->cluster) {
        p->value = p->cluster;
        p->cluster = NULL;
    } else if (o->takes != CLI_MAYBE && !next_value(p, o->takes) &&
               o->takes == CLI_VALUE) {
        cli_usage_error("option -%c needs a value", letter);
        return CLI_BAD;
    }
    return o->id;
}

int
cli_next(struct cli_parser *p)
{
    p->value = NULL;
    if (!p->cluster || !*p->cluster) {
        const char *arg = p->index < p->argc ? p->argv[p->index] : "";

        p->cluster = NULL;
        if (arg[0] != '-' || arg[1] == '\0')
            return CLI_END;
        p->index++;
        if (strcmp(arg, "--") == 0)
            return CLI_END;
        if (arg[1] == '-')
            return next_long(p, arg + 2);
        p->cluster = arg + 1;
    }
    return next_letter(p);
}

bool
cli_flags(struct cli_parser *p, const struct cli_option *options, const char *help, int argc,
          char **argv, unsigned *given, int *status)
{
    int id;

    *given = 0;
    cli_parse(p, options, argc, argv);
    while ((id = cli_next(p)) != CLI_END && id != CLI_BAD && id != 'h')
        *given |= CLI_FLAG(id);
    if (id == 'h')
        cli_puts(stdout, help);
    *status = id == CLI_BAD;
    return id == CLI_END;
}

bool
cli_number(const char *text, uint64_t *value)
{
    char *end;

    if (*text < '0' || *text > '9')
        return false;
    bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    errno = 0;
    unsigned long long n = strtoull(text, &end, hex ? 16 : 10);
    if (errno || end == text || *end)
        return false;
    *value = n;
    return true;
}

/* -----------------------------------------------------------------------------
 * Opening
 */

static hi5_limits cli_limits = {.size = sizeof cli_limits};

bool
cli_memory(const char *size)
{
    static const char units[] = "KMG";
    char digits[24] = "";
    const size_t n = strlen(size);
    const char *unit = n > 0 ? strchr(units, size[n - 1]) : NULL;
    unsigned shift = unit ? 10 * (unsigned)(unit - units + 1) : 0;
    uint64_t value;

    if (n == 0 || n >= sizeof digits)
        return false;
    memcpy(digits, size, unit ? n - 1 : n);
    if (!cli_number(digits, &value) || value == 0 || value > UINT64_MAX >> shift)
        return false;
    cli_limits.memory = value << shift;
    return true;
}

void
cli_open_options(hi5_open_options *options)
{
    *options = (hi5_open_options){.size = sizeof *options, .limits = &cli_limits};
    options->external_prefix = getenv("HDF5_EXT_PREFIX");
    options->vds_prefix = getenv("HDF5_VDS_PREFIX");
    options->raw_prefix = getenv("HDF5_EXTFILE_PREFIX");
}

hi5_status
cli_room(const hi5_file *f, uint64_t count, uint64_t size, hi5_error *err)
{
    const uint64_t least = (uint64_t)160 << 20, most = (uint64_t)1 << 30;
    const uint64_t always = (uint64_t)32 << 20;
    uint64_t limit = cli_limits.memory;
    hi5_file_info info;

    hi5_file_get_info(f, &info);
    if (limit == 0)
        limit = info.file_size < (most - least) / 64 ? least + 64 * info.file_size : most;
    limit = limit / 6 > always ? limit / 6 : always;
    if (size == 0 || count <= limit / size)
        return HI5_OK;
    *err = (hi5_error){.status = HI5_E_LIMIT, .address = HI5_NO_ADDRESS,
                       .structure = "", .field = "", .section = ""};
    snprintf(err->cause, sizeof err->cause,
             "values of %llu times %llu bytes: more than --memory allows",
             (unsigned long long)count, (unsigned long long)size);
    snprintf(err->message, sizeof err->message, "%s", err->cause);
    return HI5_E_LIMIT;
}

bool
cli_driver(const char *name, hi5_driver *driver)
{
    static const struct {
        const char *name;
        hi5_driver driver;
    } drivers[] = {
        {"auto", HI5_DRIVER_AUTO},     {"sec2", HI5_DRIVER_PLAIN},
        {"stdio", HI5_DRIVER_PLAIN},   {"core", HI5_DRIVER_PLAIN},
        {"direct", HI5_DRIVER_PLAIN},  {"log", HI5_DRIVER_PLAIN},
        {"windows", HI5_DRIVER_PLAIN}, {"family", HI5_DRIVER_FAMILY},
        {"split", HI5_DRIVER_SPLIT},   {"multi", HI5_DRIVER_MULTI},
    };

    for (size_t i = 0; i < sizeof drivers / sizeof *drivers; i++)
        if (strcmp(name, drivers[i].name) == 0) {
            *driver = drivers[i].driver;
            return true;
        }
    return false;
}

/* Does this failure say more than "there is no such file"? */
static bool
tells_more(const hi5_error *err)
{
    return err->status != HI5_E_NOTFOUND && err->status != HI5_E_IO;
}

hi5_status
cli_open_prefix(const char *arg, const hi5_open_options *options, hi5_file **f,
                const char **rest, hi5_error *err)
{
    hi5_open_options defaults;
    char *name = cli_copy(arg);
    bool first = true;
    hi5_status status;

    if (!options) {
        cli_open_options(&defaults);
        options = &defaults;
    }
    for (;;) {
        hi5_error e = {0};
        char *slash;

        status = hi5_open(name, options, f, &e);
        if (status == HI5_OK) {
            *rest = arg + strlen(name);
            break;
        }
        if (first || (tells_more(&e) && !tells_more(err)))
            *err = e;
        first = false;
        slash = strrchr(name, '/');
        if (!slash || slash == name) {
            status = err->status;
            break;
        }
        *slash = '\0';
    }
    free(name);
    return status;
}
