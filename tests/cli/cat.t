# hi5 cat: values, whole and in slices.
$ cat demo.h5/sample/temperature
$ cat demo.h5/sample/name
$ cat demo.h5/sample/log
$ cat 'demo.h5/detector/images[0, :2, :4]'
$ cat 'demo.h5/detector/images[-1, 3, ::8]'
$ cat 'demo.h5/detector/images[..., 5][1, :3]'
$ cat 'demo.h5/detector/images[:2, [1, 4, 9], 30:]'
$ cat 'demo.h5/detector/images[2, 3, 4]'
$ cat 'demo.h5/detector/images[8]'
$ cat 'demo.h5/detector/images[0,0,0,0]'
$ cat 'demo.h5/detector/images[5:5]'
$ cat demo.h5/detector
$ cat demo.h5/nothing
$ cat demo.h5/detector/images@nothing
$ cat -f csv demo.h5/sample/log
$ cat -f csv --no-header demo.h5/sample/log
$ cat -f csv 'demo.h5/detector/images[0, :3, :5]'
$ cat -f json demo.h5/sample/log
$ cat -f json 'demo.h5/detector/images[:2, :2, :2]'
$ cat 'demo.h5/sample/temperature' --type f4 --format json
$ cat --type '>i2' -f raw 'demo.h5/detector/mask[0, :8]'
+ od -An -tx1
$ cat -f npy 'demo.h5/detector/mask[:2, :3]'
+ od -An -c
$ cat -f npy demo.h5/sample/log
# The conventions of h5py.
$ cat h5py.h5/bool
$ cat -f json h5py.h5/bool
$ cat h5py.h5/enum
$ cat h5py.h5/complex128
$ cat -f json h5py.h5/complex64
$ cat h5py.h5/half
$ cat h5py.h5/big-endian
$ cat h5py.h5/strings
$ cat h5py.h5/str
$ cat h5py.h5/fixed
$ cat h5py.h5/vlen
$ cat h5py.h5/empty
$ cat -f json h5py.h5/empty
$ cat h5py.h5/ref
$ cat h5py.h5/region
$ cat -f npy h5py.h5/bool
+ od -An -c
# Datatypes.
$ cat types-new.h5/classes/array
$ cat -f csv types-new.h5/classes/array
$ cat 'types-new.h5/classes/opaque 1'
$ cat -f json 'types-new.h5/classes/enum i32be'
$ cat 'types-new.h5/floats/bfloat16'
$ cat 'types-new.h5/floats/vax f64'
$ cat 'types-new.h5/integers/19 bits at 5, big-endian, pads'
$ cat -f csv types-new.h5/compounds/padded
$ cat -f json types-new.h5/compounds/packed
# Attributes.
$ cat attrs-new.h5/shapes@box
$ cat 'attrs-new.h5/shapes@box[1:, 0]'
$ cat attrs-new.h5/shapes@variable
$ cat attrs-new.h5/shapes@variables
$ cat -f json attrs-new.h5/shapes@pairs
$ cat -f csv attrs-new.h5/shapes@pairs
$ cat attrs-new.h5/shapes@null
$ cat attrs-new.h5/shapes@zero
