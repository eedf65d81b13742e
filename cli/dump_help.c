/*
 * dump_help.c - what `hi5 dump --help` prints
 *
 * SPDX-License-Identifier: MIT
 */
#include "dump.h"

static const char *const help[] = {
    "hi5 dump - print what HDF5 files hold, as text\n"
    "\n"
    "Usage: hi5 dump [OPTIONS] FILE[/OBJECT]...\n"
    "\n"
    "Everything is printed unless objects are named: groups with their members, and\n"
    "of each dataset and attribute the datatype, the dataspace and all values. The\n"
    "text is that of h5dump 1.17, and so are the options.\n",
    "\n"
    "What to print\n"
    "  -d, --dataset=PATH       this dataset, or PATH[start;stride;count;block] of it\n"
    "  -g, --group=PATH         this group and all that is in it\n"
    "  -t, --datatype=PATH      this committed datatype\n"
    "  -a, --attribute=PATH/A   attribute A of PATH; \\/ is a slash in its name\n"
    "  -l, --soft-link=PATH     where this link leads\n"
    "  -N, --any_path=PATH      whatever has that path, attributes included\n"
    "  -H, --header             no values\n"
    "  -A, --onlyattr           values of attributes only; -A 0: no attributes at all\n"
    "  -n, --contents           only a list of the objects; -n 1: of attributes, too\n"
    "  -p, --properties         storage layout, filters, fill value of each dataset\n"
    "  -B, --superblock         what the superblock says\n"
    "  -i, --object-ids         the address of each object\n"
    "  -R, --region             the values that region references refer to\n"
    "  -M, --packed-bits=O,L... only bits O to O+L-1 of integers, after -d\n",
    "\n"
    "Part of a dataset, after -d: one number for each dimension, commas between\n"
    "  -s, --start=LIST         where to begin; 0 if left out\n"
    "  -c, --count=LIST         how many blocks; 1 if left out\n"
    "  -S, --stride=LIST        from one block to the next; 1 if left out\n"
    "  -k, --block=LIST         the size of a block; 1 if left out\n"
    "  -C, --no-compact-subset  '[' is part of a name, not the beginning of a subset\n",
    "\n"
    "How to print it\n"
    "  -w, --width=N            columns of a line, 80 if left out; 0: no limit\n"
    "  -y, --noindex            no indices before the values\n"
    "  -m, --format=FORMAT      of floating-point values, as in printf (%g)\n"
    "  -r, --string             one-byte integers as characters\n"
    "  -e, --escape             special characters in strings as in C\n"
    "  -q, --sort_by=KEY        name, or creation_order where it was recorded\n"
    "  -z, --sort_order=ORDER   ascending or descending\n",
    "\n"
    "Where to print it\n"
    "  -o, --output=FILE        values go to FILE; without FILE: nowhere\n"
    "  -O, --ddl=FILE           the rest goes to FILE; without FILE: nowhere\n"
    "  -b, --binary=FORM        values as bytes, to the file of -o: NATIVE (in this\n"
    "                           machine's types), FILE (as stored), LE or BE\n",
    "\n"
    "How to open the file\n"
    "  -f, --filedriver=NAME    sec2, family (FILE is like run%05d.h5), split, multi\n"
    "                           (FILE without -m.h5 and so on); also --vfd-name,\n"
    "                           --vfd-value; if left out, hi5 finds out by itself\n"
    "  -v, --vds-view-first-missing\n"
    "                           a virtual dataset ends at the first missing source\n"
    "  -G, --vds-gap-size=N     missing sources to look past\n"
    "  -E, --enable-error-stack also tell about external links that lead nowhere\n"
    "  -F, -K, --page-buffer-size, --vol-*, --vfd-info: accepted, without effect\n"
    "\n"
    "XML instead of text, of whole files\n"
    "  -x, --xml                with a schema\n"
    "  -u, --use-dtd            with a document type definition\n"
    "  -D, --xml-dtd=URI        which definition or schema\n"
    "  -X, --xml-ns=PREFIX      of the elements (hdf5:); a colon alone: none\n"
    "\n"
    "One structure instead, field by field: its bytes and what they mean\n"
    "      --bytes=ADDRESS      what begins at this address, 0x... or decimal; counted\n"
    "                           from the superblock\n"
    "      --bytes=PATH         the header of this object\n"
    "      --json               as JSON\n"
    "\n"
    "  -h, --help   -V, --version\n",
    "\n"
    "Examples\n"
    "  hi5 dump -H run.h5                      what is there, without values\n"
    "  hi5 dump run.h5/detector                one group\n"
    "  hi5 dump -pH -d /images run.h5          how a dataset is stored\n"
    "  hi5 dump -d '/images[0,128,128;;1,4,4]' run.h5     4 x 4 values of it\n"
    "  hi5 dump -d /images -s 0,128,128 -c 1,4,4 run.h5   the same\n"
    "  hi5 dump -a /images/units run.h5        one attribute\n"
    "  hi5 dump -y -w 0 -d /log -O -o log.txt run.h5      values only, to a file\n"
    "  hi5 dump -d /log -b LE -o log.bin run.h5           the same as bytes\n"
    "  hi5 dump -f family run%05d.h5           a file in several pieces\n"
    "  hi5 dump --bytes /images run.h5         each byte of its object header\n"
    "\n"
    "HDF5_EXT_PREFIX, HDF5_VDS_PREFIX and HDF5_EXTFILE_PREFIX name folders in which\n"
    "external links, virtual datasets and external raw data look for files.\n"
    "The exit status is 0 if all went well, and 1 if anything failed; what could be\n"
    "read is printed in either case.\n",
};

void
dump_help(FILE *out)
{
    for (size_t i = 0; i < sizeof help / sizeof *help; i++)
        cli_puts(out, help[i]);
}
