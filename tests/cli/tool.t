# The tool itself: dispatch, versions, wrong usage.
$ version
hi5 0.1.0 (reads HDF5 file format up to 4.0)

$ ls --version
hi5 ls: version 0.1.0

$ nonsense
= 1

$ ls
= 1

$ ls --no-such-option demo.h5
= 1

$ ls --rec demo.h5
= 1

$ ls -w
= 1

$ ls -rg demo.h5
= 1

$ ls --no-dangling-links demo.h5
= 1

$ cat
= 1

$ cat --format=xml demo.h5/sample/name
= 1

$ cat --type i3 demo.h5/sample/temperature
= 1

$ --help
+ sed -n '1,3p'
hi5 - look into HDF5 files, and change them
\
Usage: hi5 [--memory SIZE] COMMAND [OPTIONS] FILE[/OBJECT]...

$ help cat
Usage: hi5 cat [OPTIONS] 'FILE/PATH[SLICE]'
       hi5 cat [OPTIONS] 'FILE/PATH@ATTRIBUTE[SLICE]'
\
Print the values of one dataset or attribute, or a slice of them.
\
A slice is written as in NumPy: for each dimension an index, a range
start:stop:step, or a list of indexes, with commas between; "..." stands for
dimensions left out, and negative indexes count from the end. A single index
takes its dimension away. Only what is selected is read, so slices of huge
datasets are quick.
\
  -f, --format=FORMAT  how to print it:
     text  as NumPy prints arrays, but never abridged (the default)
     csv   a line for each row (of one dimension: each value); compounds: a
           column for each member, with names
     json  nested arrays, compounds as objects, enums by name, complex numbers
           as pairs; not-a-number and infinities are the strings "NaN",
           "Infinity" and "-Infinity"; bytes that are no UTF-8 are "\udcNN",
           as in Python
     npy   a file for numpy.load(): numbers, fixed-length strings, compounds
     raw   the elements' bytes and nothing else
  -t, --type=TYPE      convert numbers first: i1 i2 i4 i8 u1 u2 u4 u8 f2 f4 f8,
                       with < or > in front for the byte order of npy and raw;
                       or int32, uint8, float64, ...
  -o, --output=FILE    write to FILE
  --no-header          csv: no line with the names of the members
  --vfd=NAME           sec2, family, split or multi, for files in several parts
  -h, --help           this
\
Examples
  hi5 cat run.h5/temperature                       all of it
  hi5 cat 'run.h5/images[0, 10:20, ::4]'           a piece of the first image
  hi5 cat -f npy -o last.npy 'run.h5/images[-1]'   the last image, for NumPy
  hi5 cat -f csv 'run.h5/events[:1000]'            a table
  hi5 cat run.h5/images@unit                       an attribute
  hi5 cat run.h5/@title                            one of the root group
\
A name that itself holds '[' or '@' is tried as it is first. Quote slices: the
shell has its own use for brackets.
\
Exit status: 0, or 1 if anything failed.

$ ls --help
Usage: hi5 ls [OPTIONS] FILE[/OBJECT]...
\
List the objects of HDF5 files: one line each, with its name and kind, and the
shape of datasets. The output is that of h5ls.
\
What to list
  FILE                  the root group of the file
  FILE/GROUP            a group in it
  FILE/DATASET          one dataset or datatype
  -r, --recursive       groups below groups as well, with full names
  -g, --group           a group itself, not what it holds
  --follow-symlinks     also what soft and external links point to
  -G, --no-dangling-links  with it: links that point nowhere are a failure
  -E, --external        follow external links only
\
How much to tell
  -v, --verbose         attributes, address, links, time, comment, chunks,
                        storage, filters and the type of each object
  -a, --address         with -v: addresses of raw data, a line for each chunk
  -d, --data            the values of datasets (see also: hi5 cat, hi5 dump)
\
How to print it
  -f, --full            full names rather than the last part
  -S, --simple          for programs: one value a line, types by size and order
  -l, --label           with -d: members of compounds as name=value
  -s, --string          with -d: one-byte integers as text
  -x, --hexdump         with -d: bytes in hexadecimal
  -w N, --width=N       columns to print data in; 0: one value a line
\
Files in several parts
  --vfd=NAME            sec2 (one file), family, split or multi; without it,
                        what the name and the file say
\
  -e, --enable-error-stack  accepted; errors are always reported
  -h, --help            this
  -V, --version         the version
\
Examples
  hi5 ls run.h5                       the top of the file
  hi5 ls -r run.h5                    everything in it
  hi5 ls -v run.h5/detector/images    all about one dataset
  hi5 ls -d run.h5/detector/gain      its values
  hi5 ls -r --vfd=family run%05d.h5   a file in parts run00000.h5 and so on
\
HDF5_EXT_PREFIX, HDF5_VDS_PREFIX and HDF5_EXTFILE_PREFIX tell where to look for
linked files, sources of virtual datasets and external raw data.
\
Exit status: 0, or 1 if anything could not be read; the rest is listed anyway.

