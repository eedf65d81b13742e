/*
 * hi5.c - the command line tool: finds the subcommand and runs it
 *
 * SPDX-License-Identifier: MIT
 */
#define _POSIX_C_SOURCE 200809L /* SIGPIPE */

#include "cli.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
} commands[] = {
    {"ls", cmd_ls, "list what a file holds"},
    {"dump", cmd_dump, "print everything a file holds, as text"},
    {"cat", cmd_cat, "print one dataset, a slice of it, or an attribute"},
    {"check", cmd_check, "is a file sound, and if not, what is wrong and where"},
    {"map", cmd_map, "what every byte of a file is for"},
    {"recover", cmd_recover, "save what is left of a damaged file"},
    {"diff", cmd_diff, "what differs between two files, or two objects"},
    {"stat", cmd_stat, "how much there is of what in a file"},
    {"rm", cmd_rm, "delete objects, links or attributes"},
    {"mv", cmd_mv, "move or rename them"},
    {"ln", cmd_ln, "make links"},
    {"mkdir", cmd_mkdir, "make groups"},
    {"set-attr", cmd_set_attr, "set an attribute"},
    {"extend", cmd_extend, "change the extent of a dataset"},
    {"cp", cmd_cp, "copy objects within a file, or from one file into another"},
    {"repack", cmd_repack, "write a file anew, with other filters, layouts, or formats"},
};

static void
print_help(void)
{
    cli_puts(stdout, "hi5 - look into HDF5 files, and change them\n"
                     "\n"
                     "Usage: hi5 [--memory SIZE] COMMAND [OPTIONS] FILE[/OBJECT]...\n"
                     "\n"
                     "  --memory SIZE  what a file may make hi5 use, as 512M or 4G; by\n"
                     "                 default 160M and 64 times the file's size, 1G at most\n"
                     "\n"
                     "Commands:\n");
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        cli_printf(stdout, "  %-9s%s\n", commands[i].name, commands[i].summary);
    cli_puts(stdout,
             "  version  print the version\n"
             "  help     print this, or 'hi5 help COMMAND'\n"
             "\n"
             "Examples:\n"
             "  hi5 ls run.h5                          the objects of the root group\n"
             "  hi5 ls -r run.h5/detector              everything below a group\n"
             "  hi5 dump -d /images run.h5             a dataset, as h5dump prints it\n"
             "  hi5 cat 'run.h5/images[0, :4, ::2]'    a slice, as in NumPy\n"
             "  hi5 cat --format csv run.h5/log        a table\n"
             "\n"
             "ls and dump take the options of h5ls and h5dump and print the same.\n"
             "The exit status is 0 if all went well, and 1 if anything failed; what\n"
             "could be read is printed in either case.\n");
}

static void
print_version(void)
{
    cli_printf(stdout, "hi5 %s (reads HDF5 file format up to %s)\n", hi5_version(),
               HI5_FORMAT_HIGH);
}

static int
run_command(int argc, char **argv)
{
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(argv[0], commands[i].name) == 0) {
            cli_begin(commands[i].name);
            int status = commands[i].run(argc, argv);
            int finished = cli_finish();
            return status ? status : finished;
        }
    return cli_usage_error("there is no command '%s'", argv[0]);
}

/* Take --memory SIZE from the front of the arguments; false if there is no such SIZE. */
static bool
take_memory(int *argc, char ***argv)
{
    static const char name[] = "--memory";
    const size_t n = sizeof name - 1;
    const char *size;
    int used = 1;

    if (*argc < 2 || strncmp((*argv)[1], name, n) != 0 ||
        ((*argv)[1][n] != '\0' && (*argv)[1][n] != '='))
        return true;
    size = (*argv)[1] + n + 1;
    if ((*argv)[1][n] == '\0') {
        if (*argc < 3)
            return false;
        size = (*argv)[2];
        used = 2;
    }
    *argc -= used;
    *argv += used;
    return cli_memory(size);
}

int
main(int argc, char **argv)
{
    /* A reader that closes the pipe early then shows as a failed write, which cli_write
     * answers with a failure status, rather than killing the process. */
    signal(SIGPIPE, SIG_IGN);

    if (!take_memory(&argc, &argv))
        return cli_usage_error("--memory wants a size, such as 512M or 4G");

    const char *word = argc > 1 ? argv[1] : "";
    bool help = strcmp(word, "help") == 0 || strcmp(word, "--help") == 0 ||
                strcmp(word, "-h") == 0;

    if (help && argc > 2) {
        static char option[] = "--help";
        char *args[] = {argv[2], option, NULL};
        return run_command(2, args);
    }
    if (help) {
        print_help();
        return cli_finish();
    }
    if (strcmp(word, "version") == 0 || strcmp(word, "--version") == 0 ||
        strcmp(word, "-V") == 0) {
        print_version();
        return cli_finish();
    }
    if (*word == '\0')
        return cli_usage_error("which command?");
    return run_command(argc - 1, argv + 1);
}
