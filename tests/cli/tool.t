# The tool itself: dispatch, versions, wrong usage.
$ version
$ ls --version
$
$ nonsense
$ ls
$ ls --no-such-option demo.h5
$ ls --rec demo.h5
$ ls -w
$ ls -rg demo.h5
$ ls --no-dangling-links demo.h5
$ cat
$ cat --format=xml demo.h5/sample/name
$ cat --type i3 demo.h5/sample/temperature
$ --help
$ help cat
$ ls --help
