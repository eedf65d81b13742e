# hi5 ls: what h5ls prints.
$ ls demo.h5
$ ls -r demo.h5
$ ls -f demo.h5/detector
$ ls -r demo.h5/detector/
$ ls demo.h5/detector/images
$ ls -g demo.h5/detector
$ ls -g demo.h5
$ ls demo.h5/sample/calibration
$ ls demo.h5/nothing
$ ls no-such-file.h5
$ ls demo.h5.jsonl
$ ls demo.h5 h5py.h5
$ ls -vrS demo.h5
$ ls -vr h5py.h5
$ ls -vS types-new.h5/classes
$ ls -vS types-new.h5/committed
$ ls -v types-new.h5/integers
$ ls -v types-new.h5/floats
$ ls -vS types-new.h5/compounds
$ ls -vrS attrs-old.h5/shapes
$ ls -vrS refs-old.h5
$ ls -vrS times-old.h5
$ ls -vrS external.h5
$ ls -vrS vds.h5
$ ls -va layouts-old.h5
$ ls -va layouts-new.h5
$ ls -r groups-new.h5/compact
$ ls -r groups-old.h5
$ ls -r links-source.h5
$ ls -r --follow-symlinks links-source.h5
$ ls --follow-symlinks --no-dangling-links links-source.h5
$ ls -E links-source.h5
$ ls -r --vfd=family family-%02d.h5
$ ls -r --vfd=split split
$ ls -r --vfd=multi multi
# Values.
$ ls -d demo.h5/sample
$ ls -d -w 40 demo.h5/sample
$ ls -d -w 0 demo.h5/sample
$ ls -dS demo.h5/sample
$ ls -dl demo.h5/sample
$ ls -dlS demo.h5/sample
$ ls -dx demo.h5/sample/log
$ ls -dr h5py.h5
$ ls -d types-old.h5/classes
