/*
 * cli.h - what the subcommands of the hi5 tool share
 *
 * Each subcommand is a function `int cmd_NAME(int argc, char **argv)`, argv[0] being
 * its name, that returns the exit status. It includes <hi5.h>, this header and libc,
 * nothing else of the project. Running out of memory ends the program here, so that
 * nobody has to test for it; so does output that cannot be written.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef HI5_CLI_H
#define HI5_CLI_H

#include <hi5.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#if defined(__GNUC__)
#define CLI_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define CLI_PRINTF(fmt, args)
#endif

/* The subcommands. */
int cmd_ls(int argc, char **argv);
int cmd_cat(int argc, char **argv);
int cmd_dump(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_map(int argc, char **argv);
int cmd_recover(int argc, char **argv);
int cmd_diff(int argc, char **argv);
int cmd_stat(int argc, char **argv);
int cmd_rm(int argc, char **argv);
int cmd_mv(int argc, char **argv);
int cmd_ln(int argc, char **argv);
int cmd_mkdir(int argc, char **argv);
int cmd_set_attr(int argc, char **argv);
int cmd_extend(int argc, char **argv);
int cmd_cp(int argc, char **argv);
int cmd_repack(int argc, char **argv);

/* -----------------------------------------------------------------------------
 * Errors and exit status
 */

/** Who speaks: messages begin with "hi5 COMMAND: ". `command` is kept by reference. */
void cli_begin(const char *command);
/** Report on stderr, after flushing stdout, and remember that something failed. */
void cli_error(const char *format, ...) CLI_PRINTF(1, 2);
/** The same for a failure that the library told: its message, prefixed by `what`
 *  (may be NULL). */
void cli_fail(const char *what, const hi5_error *err);
/** Something worth saying that is no failure. */
void cli_warn(const char *format, ...) CLI_PRINTF(1, 2);
/** For wrong usage: the message, and where to find help. Returns the exit status. */
int cli_usage_error(const char *format, ...) CLI_PRINTF(1, 2);
/** Has cli_error or cli_fail been called? */
bool cli_failed(void);
/** Flush stdout; the exit status: 0, or 1 if anything failed, writing included. */
int cli_finish(void);

/* -----------------------------------------------------------------------------
 * Output
 *
 * A write that fails ends the program with status 1: quietly when the reader has gone
 * away (a closed pipe), with a message otherwise.
 */

void cli_write(FILE *out, const void *bytes, size_t n);
void cli_puts(FILE *out, const char *text);
void cli_printf(FILE *out, const char *format, ...) CLI_PRINTF(2, 3);
/** Close a file that was written, or just flush stdout; ends the program on failure. */
void cli_close_output(FILE *out, const char *name);
/** Is `out` a terminal? */
bool cli_terminal(FILE *out);
/** May colour be used on `out`? Only on a terminal, without NO_COLOR, TERM not dumb. */
bool cli_color(FILE *out);
/** Columns of the terminal that `out` is, or `otherwise`. */
unsigned cli_columns(FILE *out, unsigned otherwise);

/* -----------------------------------------------------------------------------
 * Memory: these end the program rather than return NULL
 */

void *cli_alloc(size_t n); /**< zeroed; free() it */
void *cli_resize(void *p, size_t count, size_t each);
char *cli_copy(const char *text);
char *cli_copy_n(const char *text, size_t n);

/** A growing string of bytes; all zero is the empty string. `p` ends in a NUL that `n`
 *  does not count, and is never NULL once something was added (or cli_str_text). */
struct cli_str {
    char *p;
    size_t n, cap;
};

void cli_str_add(struct cli_str *s, const void *bytes, size_t n);
void cli_str_puts(struct cli_str *s, const char *text);
void cli_str_putc(struct cli_str *s, char c);
void cli_str_fill(struct cli_str *s, char c, size_t n); /**< n times c */
void cli_str_printf(struct cli_str *s, const char *format, ...) CLI_PRINTF(2, 3);
void cli_str_cut(struct cli_str *s, size_t n); /**< shorten to n bytes; keeps memory */
const char *cli_str_text(const struct cli_str *s); /**< "" when empty */
void cli_str_free(struct cli_str *s);              /**< and make it empty again */

/* -----------------------------------------------------------------------------
 * Options
 *
 * -x, -xVALUE, -x VALUE, clusters (-vr), --name, --name=VALUE, --name VALUE; "--" ends
 * the options, and so does the first argument that is none. Long names match exactly.
 */

enum cli_takes {
    CLI_NOTHING,   /**< no value */
    CLI_VALUE,     /**< a value, here or in the next argument */
    CLI_MAYBE,     /**< a value if one is attached: -xVALUE, --name=VALUE */
    CLI_MAYBE_NEXT /**< the same, or the next argument unless it begins with '-' */
};

struct cli_option {
    int id;           /**< what cli_next returns, greater than 0 */
    char letter;      /**< or 0 */
    const char *name; /**< without the dashes; or NULL */
    enum cli_takes takes;
};

struct cli_parser {
    const struct cli_option *options; /**< ends with id 0 */
    int argc;
    char **argv;
    int index;           /**< at the end: of the first argument that is no option */
    const char *cluster; /**< rest of a -xyz */
    const char *value;   /**< of the option just returned; or NULL */
};

enum { CLI_END = -1, CLI_BAD = -2 };

/** Begin after argv[0]. */
void cli_parse(struct cli_parser *p, const struct cli_option *options, int argc,
               char **argv);
/** The next option's id, CLI_END, or CLI_BAD, which has been reported. */
int cli_next(struct cli_parser *p);

/** The options of a command that takes flags only, small letters: which were given, as
 *  CLI_FLAGs. 'h' prints `help`. False: the command is over, and ends with *status. */
bool cli_flags(struct cli_parser *p, const struct cli_option *options, const char *help,
               int argc, char **argv, unsigned *given, int *status);
#define CLI_FLAG(letter) (1U << ((letter) - 'a'))
/** A whole decimal or 0x number; false otherwise. */
bool cli_number(const char *text, uint64_t *value);

/* -----------------------------------------------------------------------------
 * Opening
 */

/** All defaults, with the prefixes that HDF5_EXT_PREFIX, HDF5_VDS_PREFIX and
 *  HDF5_EXTFILE_PREFIX give. */
void cli_open_options(hi5_open_options *options);
/** What a file may make the library use, from now on: a number, or one with K, M or G
 *  (powers of 1024) behind it; false if `size` is none. */
bool cli_memory(const char *size);
/** May `count` values of `size` bytes be held at once? They may take a sixth of what the
 *  library may (but 32 MiB at least), since their text takes several times as much. */
hi5_status cli_room(const hi5_file *f, uint64_t count, uint64_t size, hi5_error *err);
/** The driver that --vfd-name / --filedriver NAME asks for; false if unknown. */
bool cli_driver(const char *name, hi5_driver *driver);
/** Open "file/object": the longest leading part that is an openable file. `rest` is
 *  the remainder within `arg`, beginning with '/' or empty. `options` NULL: defaults.
 *  On failure `err` tells about the best candidate. */
hi5_status cli_open_prefix(const char *arg, const hi5_open_options *options,
                           hi5_file **f, const char **rest, hi5_error *err);

#endif
