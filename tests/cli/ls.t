# hi5 ls: what h5ls prints.
$ ls demo.h5
detector                 Group
sample                   Group

$ ls -r demo.h5
/                        Group
/detector                Group
/detector/images         Dataset {8/Inf, 32, 32}
/detector/latest         Soft Link {/detector/images}
/detector/mask           Dataset {32, 32}
/sample                  Group
/sample/calibration      External Link {calibration.h5//run17}
/sample/log              Dataset {3}
/sample/name             Dataset {SCALAR}
/sample/temperature      Dataset {8}

$ ls -f demo.h5/detector
/images                  Dataset {8/Inf, 32, 32}
/latest                  Soft Link {/detector/images}
/mask                    Dataset {32, 32}

$ ls -r demo.h5/detector/
/images                  Dataset {8/Inf, 32, 32}
/latest                  Soft Link {/detector/images}
/mask                    Dataset {32, 32}

$ ls demo.h5/detector/images
images                   Dataset {8/Inf, 32, 32}

$ ls -g demo.h5/detector
detector                 Group

$ ls -g demo.h5
                         Group

$ ls demo.h5/sample/calibration
calibration              External Link {calibration.h5//run17}

$ ls demo.h5/nothing
nothing    **NOT FOUND** 
\c
= 1

$ ls no-such-file.h5
= 1

$ ls demo.h5.jsonl
= 1

$ ls demo.h5 h5py.h5
detector                 Group
sample                   Group
big-endian               Dataset {4}
bool                     Dataset {3}
complex128               Dataset {2, 1}
complex64                Dataset {2}
empty                    Dataset {NULL}
enum                     Dataset {3}
fixed                    Dataset {2}
half                     Dataset {5}
lzf                      Dataset {500}
lzf,\ noise              Dataset {600}
ref                      Dataset {SCALAR}
region                   Dataset {SCALAR}
str                      Dataset {SCALAR}
strings                  Dataset {3}
vlen                     Dataset {2}
x                        Dataset {4}

$ ls -vrS demo.h5
Opened "demo.h5" with sec2 driver.
/                        Group
    Attribute: sites {2}
        Type:      IEEE 64-bit little-endian float
    Attribute: title scalar
        Type:      variable-length null-terminated UTF-8 string
    Location:  1:48
    Links:     1
/detector                Group
    Location:  1:243
    Links:     1
/detector/images         Dataset {8/Inf, 32/32, 32/32}
    Attribute: exposure scalar
        Type:      IEEE 64-bit little-endian float
    Attribute: unit scalar
        Type:      variable-length null-terminated UTF-8 string
    Location:  1:475
    Links:     1
    Chunks:    {1, 16, 16} 512 bytes
    Storage:   16384 logical bytes, 9818 allocated bytes, 166.88% utilization
    Filter-0:  shuffle-2 OPT {2}
    Filter-1:  deflate-1 OPT {6}
    Filter-2:  fletcher32-3  {}
    Type:      16-bit little-endian unsigned integer
/detector/latest         Soft Link {/detector/images}
/detector/mask           Dataset {32/32, 32/32}
    Location:  1:877
    Links:     1
    Storage:   1024 logical bytes, 1024 allocated bytes, 100.00% utilization
    Type:      8-bit unsigned integer
/sample                  Group
    Location:  1:1145
    Links:     1
/sample/calibration      External Link {calibration.h5//run17}
/sample/log              Dataset {3/3}
    Location:  1:8192
    Links:     1
    Storage:   72 logical bytes, 72 allocated bytes, 100.00% utilization
    Type:      struct {
                   "time"             +0    IEEE 64-bit little-endian float
                   "event"            +8    16-byte null-padded ASCII string
               } 24 bytes
/sample/name             Dataset {SCALAR}
    Location:  1:1327
    Links:     1
    Storage:   8 logical bytes, 16 allocated bytes, 50.00% utilization
    Type:      variable-length null-terminated UTF-8 string
/sample/temperature      Dataset {8/8}
    Location:  1:1595
    Links:     1
    Storage:   64 logical bytes, 64 allocated bytes, 100.00% utilization
    Type:      IEEE 64-bit little-endian float

$ ls -vrS h5py.h5
Opened "h5py.h5" with sec2 driver.
/                        Group
    Attribute: mixed {3}
        Type:      64-bit little-endian integer
    Location:  1:48
    Links:     1
/big-endian              Dataset {4/4}
    Attribute: DIMENSION_LABELS {1}
        Type:      variable-length null-terminated ASCII string
    Attribute: DIMENSION_LIST {1}
        Type:      variable length of
                   object reference
    Location:  1:7999
    Links:     1
    Storage:   32 logical bytes, 32 allocated bytes, 100.00% utilization
    Type:      IEEE 64-bit big-endian float
/bool                    Dataset {3/3}
    Location:  1:179
    Links:     1
    Storage:   3 logical bytes, 3 allocated bytes, 100.00% utilization
    Type:      enum 8-bit integer {
                   FALSE            = 0
                   TRUE             = 1
               }
/complex128              Dataset {2/2, 1/1}
    Location:  1:715
    Links:     1
    Storage:   32 logical bytes, 32 allocated bytes, 100.00% utilization
    Type:      struct {
                   "r"                +0    IEEE 64-bit little-endian float
                   "i"                +8    IEEE 64-bit little-endian float
               } 16 bytes
/complex64               Dataset {2/2}
    Location:  1:447
    Links:     1
    Storage:   16 logical bytes, 16 allocated bytes, 100.00% utilization
    Type:      struct {
                   "r"                +0    IEEE 32-bit little-endian float
                   "i"                +4    IEEE 32-bit little-endian float
               } 8 bytes
/empty                   Dataset {NULL}
    Location:  1:6537
    Links:     1
    Storage:   0 logical bytes, 0 allocated bytes
    Type:      IEEE 32-bit little-endian float
/enum                    Dataset {3/3}
    Location:  1:6805
    Links:     1
    Storage:   3 logical bytes, 3 allocated bytes, 100.00% utilization
    Type:      enum 8-bit integer {
                   A                = 0
                   B                = 1
                   C                = 2
               }
/fixed                   Dataset {2/2}
    Attribute: note scalar
        Type:      variable-length null-terminated UTF-8 string
    Location:  1:6269
    Links:     1
    Storage:   8 logical bytes, 8 allocated bytes, 100.00% utilization
    Type:      4-byte null-padded ASCII string
/half                    Dataset {5/5}
    Location:  1:983
    Links:     1
    Storage:   10 logical bytes, 10 allocated bytes, 100.00% utilization
    Type:      IEEE 16-bit little-endian float
/lzf                     Dataset {500/500}
    Location:  1:10901
    Links:     1
    Chunks:    {200} 800 bytes
    Storage:   2000 logical bytes, 335 allocated bytes, 597.01% utilization
    Filter-0:  shuffle-2 OPT {4}
    Filter-1:  lzf-32000 OPT {4, 261, 800}
    Type:      32-bit little-endian integer
/lzf,\ noise             Dataset {600/600}
    Location:  1:11169
    Links:     1
    Chunks:    {200} 200 bytes
    Storage:   600 logical bytes, 600 allocated bytes, 100.00% utilization
    Filter-0:  shuffle-2 OPT {1}
    Filter-1:  lzf-32000 OPT {4, 261, 200}
    Type:      8-bit unsigned integer
/ref                     Dataset {SCALAR}
    Location:  1:10365
    Links:     1
    Storage:   reference information not available
    Type:      object reference
/region                  Dataset {SCALAR}
    Location:  1:10633
    Links:     1
    Storage:   reference information not available
    Type:      dataset region reference
/str                     Dataset {SCALAR}
    Location:  1:1251
    Links:     1
    Storage:   8 logical bytes, 16 allocated bytes, 50.00% utilization
    Type:      variable-length null-terminated UTF-8 string
/strings                 Dataset {3/3}
    Location:  1:1567
    Links:     1
    Storage:   24 logical bytes, 48 allocated bytes, 50.00% utilization
    Type:      variable-length null-terminated UTF-8 string
/vlen                    Dataset {2/2}
    Location:  1:7731
    Links:     1
    Storage:   information not available
    Type:      variable length of
                   32-bit little-endian integer
/x                       Dataset {4/4}
    Attribute: CLASS scalar
        Type:      16-byte null-terminated ASCII string
    Attribute: NAME scalar
        Type:      7-byte null-terminated ASCII string
    Attribute: REFERENCE_LIST {1}
        Type:      struct {
                   "dataset"          +0    object reference
                   "dimension"        +8    32-bit little-endian integer
               } 16 bytes
    Location:  1:11497
    Links:     1
    Storage:   32 logical bytes, 32 allocated bytes, 100.00% utilization
    Type:      IEEE 64-bit little-endian float

$ ls -vS types-new.h5/classes
Opened "types-new.h5" with sec2 driver.
9\ bits\ at\ 3           Dataset {5/5}
    Location:  1:26938
    Links:     1
    Storage:   10 logical bytes, 10 allocated bytes, 100.00% utilization
    Type:      16-bit little-endian bitfield
               (9 bits of precision beginning at bit 3)
               (3 zero bits at bit 0, 4 zero bits at bit 12)
array                    Dataset {5/5}
    Location:  1:27742
    Links:     1
    Storage:   120 logical bytes, 120 allocated bytes, 100.00% utilization
    Type:      [2,3,2] 16-bit big-endian integer
bits\ 0                  Dataset {5/5}
    Location:  1:22982
    Links:     1
    Storage:   5 logical bytes, 5 allocated bytes, 100.00% utilization
    Type:      8-bit bitfield
bits\ 1                  Dataset {5/5}
    Location:  1:23786
    Links:     1
    Storage:   10 logical bytes, 10 allocated bytes, 100.00% utilization
    Type:      16-bit big-endian bitfield
bits\ 2                  Dataset {5/5}
    Location:  1:24590
    Links:     1
    Storage:   20 logical bytes, 20 allocated bytes, 100.00% utilization
    Type:      32-bit little-endian bitfield
bits\ 3                  Dataset {5/5}
    Location:  1:26134
    Links:     1
    Storage:   40 logical bytes, 40 allocated bytes, 100.00% utilization
    Type:      64-bit big-endian bitfield
enum\ i32be              Dataset {5/5}
    Location:  1:27474
    Links:     1
    Storage:   20 logical bytes, 20 allocated bytes, 100.00% utilization
    Type:      enum 32-bit big-endian integer {
                   RED              = -2
                   GREEN            = 1
                   BLUE             = 4
                   with\ \"quotes\" = 7
               }
enum\ i8                 Dataset {5/5}
    Location:  1:27206
    Links:     1
    Storage:   5 logical bytes, 5 allocated bytes, 100.00% utilization
    Type:      enum 8-bit integer {
                   RED              = -2
                   GREEN            = 1
                   BLUE             = 4
                   with\ \"quotes\" = 7
               }
opaque\ 0                Dataset {5/5}
    Location:  1:23518
    Links:     1
    Storage:   5 logical bytes, 5 allocated bytes, 100.00% utilization
    Type:      1-byte opaque type
               (tag = "")
opaque\ 1                Dataset {5/5}
    Location:  1:24322
    Links:     1
    Storage:   20 logical bytes, 20 allocated bytes, 100.00% utilization
    Type:      4-byte opaque type
               (tag = "tag")
opaque\ 2                Dataset {5/5}
    Location:  1:25126
    Links:     1
    Storage:   35 logical bytes, 35 allocated bytes, 100.00% utilization
    Type:      7-byte opaque type
               (tag = "exactly8")
opaque\ 3                Dataset {5/5}
    Location:  1:26670
    Links:     1
    Storage:   50 logical bytes, 50 allocated bytes, 100.00% utilization
    Type:      10-byte opaque type
               (tag = "a tag of more than eight")
time\ 0                  Dataset {5/5}
    Location:  1:23250
    Links:     1
    Storage:   20 logical bytes, 20 allocated bytes, 100.00% utilization
    Type:      4-byte class-2 unknown
time\ 1                  Dataset {5/5}
    Location:  1:24054
    Links:     1
    Storage:   20 logical bytes, 20 allocated bytes, 100.00% utilization
    Type:      4-byte class-2 unknown
time\ 2                  Dataset {5/5}
    Location:  1:24858
    Links:     1
    Storage:   40 logical bytes, 40 allocated bytes, 100.00% utilization
    Type:      8-byte class-2 unknown
time\ 3                  Dataset {5/5}
    Location:  1:26402
    Links:     1
    Storage:   40 logical bytes, 40 allocated bytes, 100.00% utilization
    Type:      8-byte class-2 unknown

$ ls -vS types-new.h5/committed
Opened "types-new.h5" with sec2 driver.
colors                   Dataset {5/5}
    Location:  1:35599
    Links:     1
    Storage:   5 logical bytes, 5 allocated bytes, 100.00% utilization
    Type:      shared-1:35098enum 8-bit unsigned integer {
                   RED              = 0
                   GREEN            = 1
                   BLUE             = 4
                   with\ \"quotes\" = 7
               }
colors\ inside           Dataset {5/5}
    Location:  1:35941
    Links:     1
    Storage:   5 logical bytes, 5 allocated bytes, 100.00% utilization
    Type:      struct {
                   "color"            +0    enum 8-bit unsigned integer {
                       RED              = 0
                       GREEN            = 1
                       BLUE             = 4
                       with\ \"quotes\" = 7
                   }
               } 1 byte
compound                 Type
    Attribute: attribute\ of\ a\ type scalar
        Type:      32-bit little-endian integer
    Location:  1:34952
    Links:     2
    Type:      shared-1:34952struct {
                   "a"                +0    8-bit integer
                   "b"                +8    IEEE 64-bit little-endian float
                   "c with blanks"    +16   [2] struct {
                           "x"                +0    16-bit big-endian unsigned integer
                           "y"                +2    IEEE 32-bit little-endian float
                       } 6 bytes
                   "s"                +30   9-byte null-terminated ASCII string
               } 48 bytes
dataset                  Dataset {5/5}
    Location:  1:35331
    Links:     1
    Storage:   240 logical bytes, 240 allocated bytes, 100.00% utilization
    Type:      shared-1:34952struct {
                   "a"                +0    8-bit integer
                   "b"                +8    IEEE 64-bit little-endian float
                   "c with blanks"    +16   [2] struct {
                           "x"                +0    16-bit big-endian unsigned integer
                           "y"                +2    IEEE 32-bit little-endian float
                       } 6 bytes
                   "s"                +30   9-byte null-terminated ASCII string
               } 48 bytes
enum                     Type
    Location:  1:35098
    Links:     3
    Type:      shared-1:35098enum 8-bit unsigned integer {
                   RED              = 0
                   GREEN            = 1
                   BLUE             = 4
                   with\ \"quotes\" = 7
               }

$ ls -v types-new.h5/integers
? little-endian
Opened "types-new.h5" with sec2 driver.
11\ bits\ in\ 3\ bytes   Dataset {5/5}
    Location:  1:8255
    Links:     1
    Storage:   15 logical bytes, 15 allocated bytes, 100.00% utilization
    Type:      24-bit little-endian unsigned integer
               (11 bits of precision beginning at bit 0)
               (13 zero bits at bit 11)
128\ bits                Dataset {5/5}
    Location:  1:8523
    Links:     1
    Storage:   80 logical bytes, 80 allocated bytes, 100.00% utilization
    Type:      128-bit little-endian integer
19\ bits\ at\ 5          Dataset {5/5}
    Location:  1:7719
    Links:     1
    Storage:   20 logical bytes, 20 allocated bytes, 100.00% utilization
    Type:      32-bit little-endian integer
               (19 bits of precision beginning at bit 5)
               (5 zero bits at bit 0, 8 zero bits at bit 24)
19\ bits\ at\ 5,\ big-endian,\ pads Dataset {5/5}
    Location:  1:7987
    Links:     1
    Storage:   20 logical bytes, 20 allocated bytes, 100.00% utilization
    Type:      32-bit big-endian integer
               (19 bits of precision beginning at bit 5)
               (5 one bits at bit 0, 8 one bits at bit 24)
standard00               Dataset {5/5}
    Location:  1:310
    Links:     1
    Storage:   5 logical bytes, 5 allocated bytes, 100.00% utilization
    Type:      native signed char
standard01               Dataset {5/5}
    Location:  1:578
    Links:     1
    Storage:   5 logical bytes, 5 allocated bytes, 100.00% utilization
    Type:      8-bit integer
standard02               Dataset {5/5}
    Location:  1:846
    Links:     1
    Storage:   10 logical bytes, 10 allocated bytes, 100.00% utilization
    Type:      native short
standard03               Dataset {5/5}
    Location:  1:1114
    Links:     1
    Storage:   10 logical bytes, 10 allocated bytes, 100.00% utilization
    Type:      16-bit big-endian integer
standard04               Dataset {5/5}
    Location:  1:1437
    Links:     1
    Storage:   20 logical bytes, 20 allocated bytes, 100.00% utilization
    Type:      native int
standard05               Dataset {5/5}
    Location:  1:1760
    Links:     1
    Storage:   20 logical bytes, 20 allocated bytes, 100.00% utilization
    Type:      32-bit big-endian integer
standard06               Dataset {5/5}
    Location:  1:4151
    Links:     1
    Storage:   40 logical bytes, 40 allocated bytes, 100.00% utilization
    Type:      native long
standard07               Dataset {5/5}
    Location:  1:4474
    Links:     1
    Storage:   40 logical bytes, 40 allocated bytes, 100.00% utilization
    Type:      64-bit big-endian integer
standard08               Dataset {5/5}
    Location:  1:4797
    Links:     1
    Storage:   5 logical bytes, 5 allocated bytes, 100.00% utilization
    Type:      native unsigned char
standard09               Dataset {5/5}
    Location:  1:5843
    Links:     1
    Storage:   5 logical bytes, 5 allocated bytes, 100.00% utilization
    Type:      8-bit unsigned integer
standard10               Dataset {5/5}
    Location:  1:6111
    Links:     1
    Storage:   10 logical bytes, 10 allocated bytes, 100.00% utilization
    Type:      native unsigned short
standard11               Dataset {5/5}
    Location:  1:6379
    Links:     1
    Storage:   10 logical bytes, 10 allocated bytes, 100.00% utilization
    Type:      16-bit big-endian unsigned integer
standard12               Dataset {5/5}
    Location:  1:6647
    Links:     1
    Storage:   20 logical bytes, 20 allocated bytes, 100.00% utilization
    Type:      native unsigned int
standard13               Dataset {5/5}
    Location:  1:6915
    Links:     1
    Storage:   20 logical bytes, 20 allocated bytes, 100.00% utilization
    Type:      32-bit big-endian unsigned integer
standard14               Dataset {5/5}
    Location:  1:7183
    Links:     1
    Storage:   40 logical bytes, 40 allocated bytes, 100.00% utilization
    Type:      native unsigned long
standard15               Dataset {5/5}
    Location:  1:7451
    Links:     1
    Storage:   40 logical bytes, 40 allocated bytes, 100.00% utilization
    Type:      64-bit big-endian unsigned integer

$ ls -v types-new.h5/floats
? little-endian
Opened "types-new.h5" with sec2 driver.
20\ bits,\ msb\ set      Dataset {5/5}
    Location:  1:12610
    Links:     1
    Storage:   20 logical bytes, 20 allocated bytes, 100.00% utilization
    Type:      32-bit little-endian floating-point
               (20 bits of precision beginning at bit 0)
               (12 zero bits at bit 20)
               (significant for 13 bits at bit 0, msb always set)
               (exponent for 6 bits at bit 13, bias is 0x1f)
               (sign bit at 19)
20\ bits,\ not\ normalised Dataset {5/5}
    Location:  1:12342
    Links:     1
    Storage:   20 logical bytes, 20 allocated bytes, 100.00% utilization
    Type:      32-bit little-endian floating-point
               (20 bits of precision beginning at bit 0)
               (12 zero bits at bit 20)
               (significant for 13 bits at bit 0, no normalization)
               (exponent for 6 bits at bit 13, bias is 0x1f)
               (sign bit at 19)
bfloat16                 Dataset {5/5}
    Location:  1:12074
    Links:     1
    Storage:   10 logical bytes, 10 allocated bytes, 100.00% utilization
    Type:      16-bit little-endian floating-point
               (significant for 7 bits at bit 0, msb implied)
               (exponent for 8 bits at bit 7, bias is 0x7f)
               (sign bit at 15)
f32be                    Dataset {5/5}
    Location:  1:9190
    Links:     1
    Storage:   20 logical bytes, 20 allocated bytes, 100.00% utilization
    Type:      IEEE 32-bit big-endian float
f32le                    Dataset {5/5}
    Location:  1:8922
    Links:     1
    Storage:   20 logical bytes, 20 allocated bytes, 100.00% utilization
    Type:      native float
f64be                    Dataset {5/5}
    Location:  1:9726
    Links:     1
    Storage:   40 logical bytes, 40 allocated bytes, 100.00% utilization
    Type:      IEEE 64-bit big-endian float
f64le                    Dataset {5/5}
    Location:  1:9458
    Links:     1
    Storage:   40 logical bytes, 40 allocated bytes, 100.00% utilization
    Type:      native double
half                     Dataset {5/5}
    Location:  1:10798
    Links:     1
    Storage:   10 logical bytes, 10 allocated bytes, 100.00% utilization
    Type:      native _Float16
half\ be                 Dataset {5/5}
    Location:  1:11066
    Links:     1
    Storage:   10 logical bytes, 10 allocated bytes, 100.00% utilization
    Type:      IEEE 16-bit big-endian float
long\ double             Dataset {5/5}
    Location:  1:9994
    Links:     1
    Storage:   80 logical bytes, 80 allocated bytes, 100.00% utilization
    Type:      128-bit little-endian floating-point
               (80 bits of precision beginning at bit 0)
               (48 zero bits at bit 80)
               (significant for 64 bits at bit 0, no normalization)
               (exponent for 15 bits at bit 64, bias is 0x3fff)
               (sign bit at 79)
vax\ f32                 Dataset {5/5}
    Location:  1:10262
    Links:     1
    Storage:   20 logical bytes, 20 allocated bytes, 100.00% utilization
    Type:      32-bit mixed-endian floating-point
               (significant for 23 bits at bit 0, msb implied)
               (exponent for 8 bits at bit 23, bias is 0x81)
               (sign bit at 31)
vax\ f64                 Dataset {5/5}
    Location:  1:10530
    Links:     1
    Storage:   40 logical bytes, 40 allocated bytes, 100.00% utilization
    Type:      64-bit mixed-endian floating-point
               (significant for 52 bits at bit 0, msb implied)
               (exponent for 11 bits at bit 52, bias is 0x401)
               (sign bit at 63)

$ ls -vS types-new.h5/compounds
Opened "types-new.h5" with sec2 driver.
300\ bytes               Dataset {5/5}
    Location:  1:30993
    Links:     1
    Storage:   1500 logical bytes, 1500 allocated bytes, 100.00% utilization
    Type:      struct {
                   "at 290"           +290  16-bit little-endian integer
               } 300 bytes
of\ enum,\ bits,\ time   Dataset {5/5}
    Location:  1:31261
    Links:     1
    Storage:   60 logical bytes, 60 allocated bytes, 100.00% utilization
    Type:      struct {
                   "color"            +0    enum 16-bit little-endian integer {
                       RED              = -2
                       GREEN            = 1
                       BLUE             = 4
                       with\ \"quotes\" = 7
                   }
                   "bits"             +2    16-bit little-endian bitfield
                   "time"             +4    8-byte class-2 unknown
               } 12 bytes
out\ of\ order           Dataset {5/5}
    Location:  1:30725
    Links:     1
    Storage:   300 logical bytes, 300 allocated bytes, 100.00% utilization
    Type:      struct {
                   "late"             +56   32-bit big-endian integer
                   "early"            +4    struct {
                       "a"                +0    8-bit integer
                       "b"                +8    IEEE 64-bit little-endian float
                       "c with blanks"    +16   [2] struct {
                               "x"                +0    16-bit big-endian unsigned integer
                               "y"                +2    IEEE 32-bit little-endian float
                           } 6 bytes
                       "s"                +30   9-byte null-terminated ASCII string
                   } 48 bytes
               } 60 bytes
packed                   Dataset {5/5}
    Location:  1:30457
    Links:     1
    Storage:   150 logical bytes, 150 allocated bytes, 100.00% utilization
    Type:      struct {
                   "a"                +0    8-bit integer
                   "b"                +1    IEEE 64-bit little-endian float
                   "c with blanks"    +9    [2] struct {
                           "x"                +0    16-bit big-endian unsigned integer
                           "y"                +2    IEEE 32-bit little-endian float
                       } 6 bytes
                   "s"                +21   9-byte null-terminated ASCII string
               } 30 bytes
padded                   Dataset {5/5}
    Location:  1:28141
    Links:     1
    Storage:   240 logical bytes, 240 allocated bytes, 100.00% utilization
    Type:      struct {
                   "a"                +0    8-bit integer
                   "b"                +8    IEEE 64-bit little-endian float
                   "c with blanks"    +16   [2] struct {
                           "x"                +0    16-bit big-endian unsigned integer
                           "y"                +2    IEEE 32-bit little-endian float
                       } 6 bytes
                   "s"                +30   9-byte null-terminated ASCII string
               } 48 bytes

$ ls -vrS attrs-old.h5/shapes
Opened "attrs-old.h5" with sec2 driver.

$ ls -vrS refs-old.h5
Opened "refs-old.h5" with sec2 driver.
/                        Group
    Location:  1:96
    Links:     1
/group                   Group
    Location:  1:1440
    Links:     1
/group/again             Dataset {12/12, 10/10}
    Location:  1:800
    Links:     2
    Storage:   240 logical bytes, 240 allocated bytes, 100.00% utilization
    Type:      16-bit little-endian integer
/in\ a\ compound         Dataset {3/3}
    Attribute: objects {3}
        Type:      object reference
    Attribute: regions {3}
        Type:      dataset region reference
    Location:  1:5088
    Links:     1
    Storage:   96 logical bytes, 96 allocated bytes, 100.00% utilization
    Type:      struct {
                   "n"                +0    32-bit little-endian integer
                   "object"           +8    object reference
                   "region"           +16   dataset region reference
               } 32 bytes
/in\ sequences           Dataset {3/3}
    Location:  1:5528
    Links:     1
    Storage:   information not available
    Type:      variable length of
                   object reference
/objects                 Dataset {5/5}
    Location:  1:4544
    Links:     1
    Storage:   reference information not available
    Type:      object reference
/regions                 Dataset {8/8}
    Location:  1:4816
    Links:     1
    Storage:   reference information not available
    Type:      dataset region reference
/target                  Dataset, same as /group/again
/type                    Type
    Location:  1:1400
    Links:     1
    Type:      shared-1:140032-bit big-endian integer

$ ls -vrS times-old.h5
Opened "times-old.h5" with sec2 driver.
/                        Group
    Location:  1:96
    Links:     1
/dataset                 Dataset {SCALAR}
    Location:  1:1832
    Links:     1
    Comment:   "caf\303\251"
    Storage:   4 logical bytes, 4 allocated bytes, 100.00% utilization
    Type:      32-bit little-endian integer
/group                   Group
    Location:  1:800
    Links:     1

$ ls -vrS external.h5
Opened "external.h5" with sec2 driver.
/                        Group
    Location:  1:96
    Links:     1
/missing                 Dataset {6/6, 5/5}
    Location:  1:2160
    Links:     1
    Extern:    1 external file
          ID  DSet-Addr  File-Addr      Bytes File
        ---- ---------- ---------- ---------- --------------------
        #000          0          0        120 external-missing.raw
        ---- ---------- ---------- ---------- --------------------
    Storage:   120 logical bytes, 120 allocated bytes, 100.00% utilization
    Type:      32-bit little-endian integer
/open\ end               Dataset {6/Inf, 5/5}
    Location:  1:1488
    Links:     1
    Extern:    2 external files
          ID  DSet-Addr  File-Addr      Bytes File
        ---- ---------- ---------- ---------- --------------
        #000          0         30         60 external-2.raw
        #001         60          0        INF external-1.raw
        ---- ---------- ---------- ---------- --------------
    Storage:   60 logical bytes, 60 allocated bytes, 100.00% utilization
    Type:      16-bit big-endian integer
/pieces                  Dataset {6/6, 5/5}
    Location:  1:800
    Links:     1
    Extern:    3 external files
          ID  DSet-Addr  File-Addr      Bytes File
        ---- ---------- ---------- ---------- --------------
        #000          0         10         50 external-1.raw
        #001         50          0         40 external-2.raw
        #002         90        100         60 external-1.raw
        ---- ---------- ---------- ---------- --------------
    Storage:   120 logical bytes, 120 allocated bytes, 100.00% utilization
    Type:      32-bit little-endian integer
/short                   Dataset {6/6, 5/5}
    Location:  1:1832
    Links:     1
    Extern:    1 external file
          ID  DSet-Addr  File-Addr      Bytes File
        ---- ---------- ---------- ---------- --------------
        #000          0         80        120 external-2.raw
        ---- ---------- ---------- ---------- --------------
    Storage:   120 logical bytes, 120 allocated bytes, 100.00% utilization
    Type:      32-bit little-endian integer

$ ls -vrS vds.h5
Opened "vds.h5" with sec2 driver.
/                        Group
    Location:  1:48
    Links:     1
/base                    Dataset {12/12, 10/10}
    Location:  1:447
    Links:     1
    Storage:   240 logical bytes, 240 allocated bytes, 100.00% utilization
    Type:      16-bit big-endian integer
/growing                 Dataset {3/Inf, 4/4}
    Location:  1:1290
    Links:     1
    Maps:      {1} Source {
                      vds-source-1.h5   part
               }
    Storage:   48 logical bytes, 0 allocated bytes
    Type:      32-bit little-endian integer
/no\ mappings            Dataset {12/12, 10/10}
    Location:  1:8192
    Links:     1
    Storage:   480 logical bytes, 0 allocated bytes
    Type:      32-bit little-endian integer
/numbered                Dataset {9/Inf, 4/4}
    Location:  1:1610
    Links:     1
    Maps:      {1} Source {
                      vds-source-%b.h5   part
               }
    Storage:   144 logical bytes, 0 allocated bytes
    Type:      32-bit little-endian integer
/of\ a\ virtual\ one     Dataset {6/6, 8/8}
    Location:  1:983
    Links:     1
    Maps:      {1} Source {
                      .   selections
               }
    Storage:   192 logical bytes, 0 allocated bytes
    Type:      32-bit little-endian integer
/rows                    Dataset {5/5, 10/10}
    Location:  1:179
    Links:     1
    Maps:      {4} Source {
                      vds-source-0.h5   line
                      vds-source-1.h5   line
                      vds-source-missing.h5   line
                      vds-source-2.h5   missing
               }
    Storage:   200 logical bytes, 0 allocated bytes
    Type:      32-bit little-endian integer
/selections              Dataset {6/6, 8/8}
    Location:  1:715
    Links:     1
    Maps:      {2} Source {
                      .   /base
                      .   base
               }
    Storage:   192 logical bytes, 0 allocated bytes
    Type:      32-bit little-endian integer

$ ls -vaS 'layouts-old.h5/b-tree'
Opened "layouts-old.h5" with sec2 driver.
b-tree                   Dataset {10/Inf, 7/Inf}
    Location:  1:83328
    Links:     1
    Chunks:    {4, 3} 48 bytes
    Storage:   280 logical bytes, 432 allocated bytes, 64.81% utilization
    Type:      32-bit little-endian integer
    Address: 83600
           Flags    Bytes     Address          Logical Offset
        ========== ======== ========== ==============================
        0x00000000       48      72622 [0, 0, 0]
        0x00000000       48      72670 [0, 3, 0]
        0x00000000       48      72718 [0, 6, 0]
        0x00000000       48      72766 [4, 0, 0]
        0x00000000       48      72814 [4, 3, 0]
        0x00000000       48      72862 [4, 6, 0]
        0x00000000       48      72910 [8, 0, 0]
        0x00000000       48      72958 [8, 3, 0]
        0x00000000       48      73006 [8, 6, 0]

$ ls -vaS 'layouts-old.h5/b-tree, filtered'
Opened "layouts-old.h5" with sec2 driver.
b-tree,\ filtered        Dataset {10/Inf, 7/Inf}
    Location:  1:86216
    Links:     1
    Chunks:    {4, 3} 24 bytes
    Storage:   140 logical bytes, 228 allocated bytes, 61.40% utilization
    Filter-0:  deflate-1 OPT {9}
    Type:      16-bit big-endian integer
    Address: 86488
           Flags    Bytes     Address          Logical Offset
        ========== ======== ========== ==============================
        0x00000000       32      73054 [0, 0, 0]
        0x00000000       32      73086 [0, 3, 0]
        0x00000000       20      73118 [0, 6, 0]
        0x00000000       32      73138 [4, 0, 0]
        0x00000000       32      73170 [4, 3, 0]
        0x00000000       20      73202 [4, 6, 0]
        0x00000000       22      73222 [8, 0, 0]
        0x00000000       22      73244 [8, 3, 0]
        0x00000000       16      73266 [8, 6, 0]

$ ls -vaS 'layouts-old.h5/contiguous'
Opened "layouts-old.h5" with sec2 driver.
contiguous               Dataset {10/10, 7/7}
    Location:  1:800
    Links:     1
    Storage:   280 logical bytes, 280 allocated bytes, 100.00% utilization
    Type:      32-bit little-endian integer
    Address:   2048

$ ls -vaS 'layouts-old.h5/contiguous, unwritten'
Opened "layouts-old.h5" with sec2 driver.
contiguous,\ unwritten   Dataset {10/10, 7/7}
    Location:  1:4544
    Links:     1
    Storage:   280 logical bytes, 0 allocated bytes
    Type:      32-bit little-endian integer
    Address:   18446744073709551615

$ ls -vaS 'layouts-old.h5/compact'
Opened "layouts-old.h5" with sec2 driver.
compact                  Dataset {10/10, 7/7}
    Location:  1:4816
    Links:     1
    Storage:   140 logical bytes, 140 allocated bytes, 100.00% utilization
    Type:      16-bit big-endian integer

$ ls -vaS 'layouts-old.h5/zero-sized'
Opened "layouts-old.h5" with sec2 driver.
zero-sized **NOT FOUND** 
\c
= 1

$ ls -vaS 'layouts-new.h5/fixed array'
Opened "layouts-new.h5" with sec2 driver.
fixed\ array             Dataset {10/10, 7/7}
    Location:  1:7780
    Links:     1
    Chunks:    {4, 3} 24 bytes
    Storage:   140 logical bytes, 216 allocated bytes, 64.81% utilization
    Type:      16-bit big-endian integer
    Address: 4530
           Flags    Bytes     Address          Logical Offset
        ========== ======== ========== ==============================
        0x00000000       24       3804 [0, 0, 0]
        0x00000000       24       3828 [0, 3, 0]
        0x00000000       24       3852 [0, 6, 0]
        0x00000000       24       3876 [4, 0, 0]
        0x00000000       24       3900 [4, 3, 0]
        0x00000000       24       3924 [4, 6, 0]
        0x00000000       24       3948 [8, 0, 0]
        0x00000000       24       3972 [8, 3, 0]
        0x00000000       24       3996 [8, 6, 0]

$ ls -vaS 'layouts-new.h5/extensible array, 2nd'
Opened "layouts-new.h5" with sec2 driver.
extensible\ array,\ 2nd  Dataset {10/10, 7/Inf}
    Location:  1:55564
    Links:     1
    Chunks:    {4, 3} 24 bytes
    Storage:   140 logical bytes, 216 allocated bytes, 64.81% utilization
    Type:      16-bit big-endian integer
    Address: 55832
           Flags    Bytes     Address          Logical Offset
        ========== ======== ========== ==============================
        0x00000000       24      10503 [0, 0, 0]
        0x00000000       24      10575 [4, 0, 0]
        0x00000000       24      56400 [8, 0, 0]
        0x00000000       24      10527 [0, 3, 0]
        0x00000000       24      56352 [4, 3, 0]
        0x00000000       24      56424 [8, 3, 0]
        0x00000000       24      10551 [0, 6, 0]
        0x00000000       24      56376 [4, 6, 0]
        0x00000000       24      56448 [8, 6, 0]

$ ls -vaS 'layouts-new.h5/extensible array, filtered'
Opened "layouts-new.h5" with sec2 driver.
extensible\ array,\ filtered Dataset {10/Inf, 7/7}
    Location:  1:59466
    Links:     1
    Chunks:    {4, 3} 24 bytes
    Storage:   140 logical bytes, 228 allocated bytes, 61.40% utilization
    Filter-0:  deflate-1 OPT {9}
    Type:      16-bit big-endian integer
    Address: 59734
           Flags    Bytes     Address          Logical Offset
        ========== ======== ========== ==============================
        0x00000000       32      57912 [0, 0, 0]
        0x00000000       32      57944 [0, 3, 0]
        0x00000000       20      57976 [0, 6, 0]
        0x00000000       32      57996 [4, 0, 0]
        0x00000000       32      58028 [4, 3, 0]
        0x00000000       20      58060 [4, 6, 0]
        0x00000000       22      58080 [8, 0, 0]
        0x00000000       22      58102 [8, 3, 0]
        0x00000000       16      10599 [8, 6, 0]

$ ls -vaS 'layouts-new.h5/b-tree'
Opened "layouts-new.h5" with sec2 driver.
b-tree                   Dataset {10/Inf, 7/Inf}
    Location:  1:192566
    Links:     1
    Chunks:    {4, 3} 48 bytes
    Storage:   280 logical bytes, 432 allocated bytes, 64.81% utilization
    Type:      32-bit little-endian integer
    Address: 192834
           Flags    Bytes     Address          Logical Offset
        ========== ======== ========== ==============================
        0x00000000       48      64166 [0, 0, 0]
        0x00000000       48      64214 [0, 3, 0]
        0x00000000       48      64262 [0, 6, 0]
        0x00000000       48      64310 [4, 0, 0]
        0x00000000       48      64358 [4, 3, 0]
        0x00000000       48      64406 [4, 6, 0]
        0x00000000       48      64454 [8, 0, 0]
        0x00000000       48      64502 [8, 3, 0]
        0x00000000       48      64550 [8, 6, 0]

$ ls -vaS 'layouts-new.h5/b-tree, unwritten'
Opened "layouts-new.h5" with sec2 driver.
b-tree,\ unwritten       Dataset {10/Inf, 7/Inf}
    Location:  1:199628
    Links:     1
    Chunks:    {4, 3} 24 bytes
    Storage:   140 logical bytes, 0 allocated bytes
    Type:      16-bit big-endian integer
    Address: 18446744073709551615

$ ls -r groups-new.h5/names
/\ blanks\ \             Soft Link {a}
/.hidden                 Soft Link {a}
/latin\351               Soft Link {a}
/line\nfeed              Soft Link {a}
/quote\"back\\slash      Soft Link {a}
/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx Soft Link {a}
/\346\260\264            Soft Link {été}

$ ls groups-new.h5/compact
0                        Soft Link {/target/0}
1                        Soft Link {/target/4}
2                        Soft Link {/target/3}
3                        Soft Link {/target/2}
4                        Soft Link {/target/1}
external                 External Link {other.h5//there}
root\ again              Group
user-defined             UD Link {cannot follow UD links}
user-defined,\ empty     UD Link {cannot follow UD links}

$ ls -r groups-old.h5
/                        Group
/empty                   Group
/holes                   Group
/holes/name\ of\ some\ length\ 001 Soft Link {/target/39}
/holes/name\ of\ some\ length\ 002 Soft Link {/target/38}
/holes/name\ of\ some\ length\ 004 Soft Link {/target/36}
/holes/name\ of\ some\ length\ 005 Soft Link {/target/35}
/holes/name\ of\ some\ length\ 007 Soft Link {/target/33}
/holes/name\ of\ some\ length\ 008 Soft Link {/target/32}
/holes/name\ of\ some\ length\ 010 Soft Link {/target/30}
/holes/name\ of\ some\ length\ 011 Soft Link {/target/29}
/holes/name\ of\ some\ length\ 013 Soft Link {/target/27}
/holes/name\ of\ some\ length\ 014 Soft Link {/target/26}
/holes/name\ of\ some\ length\ 016 Soft Link {/target/24}
/holes/name\ of\ some\ length\ 017 Soft Link {/target/23}
/holes/name\ of\ some\ length\ 019 Soft Link {/target/21}
/holes/name\ of\ some\ length\ 020 Soft Link {/target/20}
/holes/name\ of\ some\ length\ 022 Soft Link {/target/18}
/holes/name\ of\ some\ length\ 023 Soft Link {/target/17}
/holes/name\ of\ some\ length\ 025 Soft Link {/target/15}
/holes/name\ of\ some\ length\ 026 Soft Link {/target/14}
/holes/name\ of\ some\ length\ 028 Soft Link {/target/12}
/holes/name\ of\ some\ length\ 029 Soft Link {/target/11}
/holes/name\ of\ some\ length\ 031 Soft Link {/target/9}
/holes/name\ of\ some\ length\ 032 Soft Link {/target/8}
/holes/name\ of\ some\ length\ 034 Soft Link {/target/6}
/holes/name\ of\ some\ length\ 035 Soft Link {/target/5}
/holes/name\ of\ some\ length\ 037 Soft Link {/target/3}
/holes/name\ of\ some\ length\ 038 Soft Link {/target/2}
/names                   Group
/names/\ blanks\ \       Soft Link {a}
/names/.hidden           Soft Link {a}
/names/latin\351         Soft Link {a}
/names/line\nfeed        Soft Link {a}
/names/quote\"back\\slash Soft Link {a}
/names/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx Soft Link {a}
/names/\346\260\264      Soft Link {été}
/one                     Group
/one/child               Group
/one/child/parent        Group, same as /one
/one/child/root\ again   Group, same as /
/one/dangling            Soft Link {nowhere/at/all}
/one/loop                Soft Link {loop}
/one/soft                Soft Link {child}
/twenty                  Group
/twenty/000              Soft Link {/target/0}
/twenty/001              Soft Link {/target/19}
/twenty/002              Soft Link {/target/18}
/twenty/003              Soft Link {/target/17}
/twenty/004              Soft Link {/target/16}
/twenty/005              Soft Link {/target/15}
/twenty/006              Soft Link {/target/14}
/twenty/007              Soft Link {/target/13}
/twenty/008              Soft Link {/target/12}
/twenty/009              Soft Link {/target/11}
/twenty/010              Soft Link {/target/10}
/twenty/011              Soft Link {/target/9}
/twenty/012              Soft Link {/target/8}
/twenty/013              Soft Link {/target/7}
/twenty/014              Soft Link {/target/6}
/twenty/015              Soft Link {/target/5}
/twenty/016              Soft Link {/target/4}
/twenty/017              Soft Link {/target/3}
/twenty/018              Soft Link {/target/2}
/twenty/019              Soft Link {/target/1}

$ ls -r links-source.h5
/                        Group
/a1                      Soft Link {/a2}
/a2                      Soft Link {/a1}
/away                    External Link {links-target.h5//there}
/local                   Dataset {4}
/missing                 External Link {links-missing.h5//there}
/through                 Soft Link {/away/data}

$ ls -r --follow-symlinks links-source.h5
/                        Group
/a1                      Soft Link {/a2} {**NOT FOUND**}
/a2                      Soft Link {/a1} {**NOT FOUND**}
/away                    External Link {links-target.h5//there} {Group}
/away/back               External Link {links-source.h5//local} {Dataset {4}}
/away/data               Dataset {4}
/local                   Dataset {4}
/missing                 External Link {links-missing.h5//there} {Already Visited}
/through                 Soft Link {/away/data} {Dataset {4}}

$ ls --follow-symlinks --no-dangling-links links-source.h5
a1                       Soft Link {/a2} {**NOT FOUND**}
a2                       Soft Link {/a1} {**NOT FOUND**}
away                     External Link {links-target.h5//there} {Group}
local                    Dataset {4}
missing                  External Link {links-missing.h5//there} {Already Visited}
through                  Soft Link {/away/data} {Dataset {4}}
= 1

$ ls -E links-source.h5
a1                       Soft Link {/a2}
a2                       Soft Link {/a1}
away                     External Link {links-target.h5//there} {Group}
local                    Dataset {4}
missing                  External Link {links-missing.h5//there} {Already Visited}
through                  Soft Link {/away/data}

$ ls -r --vfd=family family-%02d.h5
/                        Group
/chunked                 Dataset {6, 5}
/contiguous              Dataset {6, 5}
/group                   Group
/group/hard              Dataset, same as /chunked
/group/soft              Soft Link {/contiguous}
/group/strings           Dataset {3}

$ ls -r --vfd=split split
/                        Group
/chunked                 Dataset {6, 5}
/contiguous              Dataset {6, 5}
/group                   Group
/group/hard              Dataset, same as /chunked
/group/soft              Soft Link {/contiguous}
/group/strings           Dataset {3}

$ ls -r --vfd=multi multi
/                        Group
/chunked                 Dataset {6, 5}
/contiguous              Dataset {6, 5}
/group                   Group
/group/hard              Dataset, same as /chunked
/group/soft              Soft Link {/contiguous}
/group/strings           Dataset {3}

# Values.
$ ls -d demo.h5/sample
calibration              External Link {calibration.h5//run17}
log                      Dataset {3}
    Data:
         {0, "shutter open\000\000\000\000"},
         {4.5, "frame 3 slow\000\000\000\000"}, {9, "shutter closed\000\000"}
name                     Dataset {SCALAR}
    Data:
         "LaB6"
temperature              Dataset {8}
    Data:
         295, 297.142857142857, 299.285714285714, 301.428571428571,
         303.571428571429, 305.714285714286, 307.857142857143, 310

$ ls -d -w 40 demo.h5/sample
calibration              External Link {calibration.h5//run17}
log                      Dataset {3}
    Data:
         {0, 
         "shutter open\000\000\000\000"},
         {4.5, 
         "frame 3 slow\000\000\000\000"},
         {9, "shutter closed\000\000"}
name                     Dataset {SCALAR}
    Data:
         "LaB6"
temperature              Dataset {8}
    Data:
         295, 297.142857142857,
         299.285714285714,
         301.428571428571,
         303.571428571429,
         305.714285714286,
         307.857142857143, 310

$ ls -d -w 0 demo.h5/sample
calibration              External Link {calibration.h5//run17}
log                      Dataset {3}
    Data:
         {0, "shutter open\000\000\000\000"},
         {4.5, "frame 3 slow\000\000\000\000"},
         {9, "shutter closed\000\000"}
name                     Dataset {SCALAR}
    Data:
         "LaB6"
temperature              Dataset {8}
    Data:
         295,
         297.142857142857,
         299.285714285714,
         301.428571428571,
         303.571428571429,
         305.714285714286,
         307.857142857143,
         310

$ ls -dS demo.h5/sample
calibration              External Link {calibration.h5//run17}
log                      Dataset {3}
    Data:
        0 "shutter%20open%00%00%00%00" 
        4.5 "frame%203%20slow%00%00%00%00" 
        9 "shutter%20closed%00%00"
name                     Dataset {SCALAR}
    Data:
        "LaB6"
temperature              Dataset {8}
    Data:
        295 
        297.142857142857 
        299.285714285714 
        301.428571428571 
        303.571428571429 
        305.714285714286 
        307.857142857143 
        310

$ ls -dl demo.h5/sample
calibration              External Link {calibration.h5//run17}
log                      Dataset {3}
    Data:
         {time=0, event="shutter open\000\000\000\000"},
         {time=4.5, event="frame 3 slow\000\000\000\000"},
         {time=9, event="shutter closed\000\000"}
name                     Dataset {SCALAR}
    Data:
         "LaB6"
temperature              Dataset {8}
    Data:
         295, 297.142857142857, 299.285714285714, 301.428571428571,
         303.571428571429, 305.714285714286, 307.857142857143, 310

$ ls -dlS demo.h5/sample
calibration              External Link {calibration.h5//run17}
log                      Dataset {3}
    Data:
        {time=0 event="shutter%20open%00%00%00%00"} 
        {time=4.5 event="frame%203%20slow%00%00%00%00"} 
        {time=9 event="shutter%20closed%00%00"}
name                     Dataset {SCALAR}
    Data:
        "LaB6"
temperature              Dataset {8}
    Data:
        295 
        297.142857142857 
        299.285714285714 
        301.428571428571 
        303.571428571429 
        305.714285714286 
        307.857142857143 
        310

$ ls -dx demo.h5/sample/log
log                      Dataset {3}
    Data:
         00:00:00:00:00:00:00:00:73:68:75:74:74:65:72:20:6f:70:65:6e:00:00:00:00,
         00:00:00:00:00:00:12:40:66:72:61:6d:65:20:33:20:73:6c:6f:77:00:00:00:00,
         00:00:00:00:00:00:22:40:73:68:75:74:74:65:72:20:63:6c:6f:73:65:64:00:00

$ ls -dr h5py.h5
/                        Group
/big-endian              Dataset {4}
    Data:
         0, 1, 2, 3
/bool                    Dataset {3}
    Data:
         TRUE, FALSE, TRUE
/complex128              Dataset {2, 1}
    Data:
         {1, 2}, {0.5, 0}
/complex64               Dataset {2}
    Data:
         {1, 2}, {-0, -3}
/empty                   Dataset {NULL}
    Data:
\
/enum                    Dataset {3}
    Data:
         A, C, B
/fixed                   Dataset {2}
    Data:
         "ab\000\000", "c\000\000\000"
/half                    Dataset {5}
    Data:
         0.5, 65504, inf, -0, nan
/lzf                     Dataset {500}
    Data:
         0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3,
         3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 5, 5, 5, 5, 5, 5, 5, 6, 6, 6, 6, 6, 6,
         6, 7, 7, 7, 7, 7, 7, 7, 8, 8, 8, 8, 8, 8, 8, 9, 9, 9, 9, 9, 9, 9, 10,
         10, 10, 10, 10, 10, 10, 11, 11, 11, 11, 11, 11, 11, 12, 12, 12, 12, 12,
         12, 12, 13, 13, 13, 13, 13, 13, 13, 14, 14, 14, 14, 14, 14, 14, 15, 15,
         15, 15, 15, 15, 15, 16, 16, 16, 16, 16, 16, 16, 17, 17, 17, 17, 17, 17,
         17, 18, 18, 18, 18, 18, 18, 18, 19, 19, 19, 19, 19, 19, 19, 20, 20, 20,
         20, 20, 20, 20, 21, 21, 21, 21, 21, 21, 21, 22, 22, 22, 22, 22, 22, 22,
         23, 23, 23, 23, 23, 23, 23, 24, 24, 24, 24, 24, 24, 24, 25, 25, 25, 25,
         25, 25, 25, 26, 26, 26, 26, 26, 26, 26, 27, 27, 27, 27, 27, 27, 27, 28,
         28, 28, 28, 28, 28, 28, 29, 29, 29, 29, 29, 29, 29, 30, 30, 30, 30, 30,
         30, 30, 31, 31, 31, 31, 31, 31, 31, 32, 32, 32, 32, 32, 32, 32, 33, 33,
         33, 33, 33, 33, 33, 34, 34, 34, 34, 34, 34, 34, 35, 35, 35, 35, 35, 35,
         35, 36, 36, 36, 36, 36, 36, 36, 37, 37, 37, 37, 37, 37, 37, 38, 38, 38,
         38, 38, 38, 38, 39, 39, 39, 39, 39, 39, 39, 40, 40, 40, 40, 40, 40, 40,
         41, 41, 41, 41, 41, 41, 41, 42, 42, 42, 42, 42, 42, 42, 43, 43, 43, 43,
         43, 43, 43, 44, 44, 44, 44, 44, 44, 44, 45, 45, 45, 45, 45, 45, 45, 46,
         46, 46, 46, 46, 46, 46, 47, 47, 47, 47, 47, 47, 47, 48, 48, 48, 48, 48,
         48, 48, 49, 49, 49, 49, 49, 49, 49, 50, 50, 50, 50, 50, 50, 50, 51, 51,
         51, 51, 51, 51, 51, 52, 52, 52, 52, 52, 52, 52, 53, 53, 53, 53, 53, 53,
         53, 54, 54, 54, 54, 54, 54, 54, 55, 55, 55, 55, 55, 55, 55, 56, 56, 56,
         56, 56, 56, 56, 57, 57, 57, 57, 57, 57, 57, 58, 58, 58, 58, 58, 58, 58,
         59, 59, 59, 59, 59, 59, 59, 60, 60, 60, 60, 60, 60, 60, 61, 61, 61, 61,
         61, 61, 61, 62, 62, 62, 62, 62, 62, 62, 63, 63, 63, 63, 63, 63, 63, 64,
         64, 64, 64, 64, 64, 64, 65, 65, 65, 65, 65, 65, 65, 66, 66, 66, 66, 66,
         66, 66, 67, 67, 67, 67, 67, 67, 67, 68, 68, 68, 68, 68, 68, 68, 69, 69,
         69, 69, 69, 69, 69, 70, 70, 70, 70, 70, 70, 70, 71, 71, 71
/lzf,\ noise             Dataset {600}
    Data:
         37, 244, 193, 106, 235, 128, 71, 255, 140, 47, 103, 184, 72, 20, 188,
         238, 255, 126, 7, 0, 137, 195, 204, 32, 203, 170, 101, 77, 133, 30,
         193, 255, 79, 203, 145, 37, 192, 83, 112, 60, 144, 128, 163, 23, 129,
         80, 134, 101, 204, 191, 174, 47, 71, 30, 78, 99, 237, 170, 118, 88,
         252, 121, 116, 171, 134, 141, 146, 101, 25, 125, 127, 239, 178, 228,
         239, 137, 20, 213, 167, 216, 254, 84, 80, 107, 101, 177, 50, 80, 146,
         139, 106, 175, 212, 201, 72, 134, 139, 251, 86, 52, 252, 32, 134, 113,
         234, 77, 204, 224, 156, 146, 197, 58, 157, 223, 2, 7, 142, 89, 207,
         136, 50, 194, 163, 171, 68, 106, 249, 233, 215, 124, 212, 106, 215, 95,
         11, 117, 233, 75, 6, 143, 241, 66, 66, 110, 247, 101, 240, 35, 222,
         173, 106, 240, 96, 199, 182, 50, 86, 132, 68, 199, 141, 152, 253, 204,
         233, 215, 73, 183, 137, 253, 223, 247, 7, 132, 129, 205, 63, 145, 60,
         80, 61, 203, 193, 23, 22, 14, 60, 177, 57, 165, 165, 132, 1, 10, 91,
         224, 128, 247, 113, 221, 60, 241, 4, 229, 209, 248, 66, 212, 8, 117,
         197, 21, 216, 226, 96, 212, 141, 126, 255, 9, 115, 154, 230, 69, 175,
         1, 122, 43, 234, 143, 42, 15, 121, 242, 205, 224, 200, 185, 167, 171,
         30, 66, 45, 25, 71, 36, 211, 151, 131, 181, 205, 107, 198, 133, 241,
         171, 149, 63, 56, 245, 49, 238, 106, 105, 57, 133, 125, 136, 3, 178,
         146, 50, 196, 219, 30, 177, 24, 43, 37, 74, 241, 161, 197, 80, 43, 252,
         97, 36, 76, 134, 190, 175, 26, 76, 135, 200, 52, 7, 170, 213, 80, 37,
         156, 105, 109, 138, 174, 4, 115, 115, 191, 8, 41, 117, 9, 192, 210,
         109, 192, 159, 15, 0, 38, 253, 64, 108, 31, 169, 196, 200, 135, 191,
         25, 48, 106, 76, 111, 45, 203, 71, 226, 222, 53, 114, 215, 53, 14, 202,
         135, 39, 221, 56, 26, 5, 109, 26, 153, 254, 199, 18, 104, 38, 169, 114,
         22, 4, 32, 120, 9, 183, 153, 232, 195, 190, 158, 24, 231, 75, 42, 75,
         126, 68, 67, 231, 23, 165, 171, 73, 125, 237, 150, 30, 100, 141, 73,
         33, 155, 64, 89, 134, 165, 59, 245, 4, 57, 81, 104, 21, 83, 42, 200,
         173, 166, 108, 183, 234, 136, 66, 45, 54, 32, 37, 19, 233, 162, 221,
         250, 67, 10, 175, 134, 76, 23, 189, 215, 125, 143, 134, 154, 149, 239,
         42, 169, 13, 87, 156, 223, 144, 25, 95, 249, 146, 199, 15, 43, 157,
         243, 0, 144, 37, 92, 133, 223, 244, 74, 186, 220, 150, 190, 132, 207,
         66, 46, 93, 35, 179, 160, 211, 35, 59, 216, 150, 50, 26, 151, 20, 144,
         136, 183, 146, 255, 105, 65, 37, 47, 243, 113, 53, 196, 177, 77, 39,
         57, 126, 3, 167, 7, 106, 128, 203, 100, 138, 248, 191, 201, 12, 253,
         212, 246, 195, 205, 129, 48, 137, 6, 199, 155, 11, 52, 114, 238, 169,
         213, 209, 212, 35, 198, 197, 207, 131, 2, 246, 218, 202, 76, 246, 208,
         241, 219, 15, 161, 7, 149, 120, 40, 150, 203, 130, 20, 226, 7, 89, 69,
         231, 77, 24, 113, 138, 200, 138, 49, 35, 75, 212, 174, 114, 76, 157,
         167, 35, 43, 4, 99, 228, 20, 50, 177, 206, 30, 94, 169, 96, 36, 38,
         206, 101, 103, 51, 214, 137
/ref                     Dataset {SCALAR}
    Data:
         DATASET "h5py.h5/half"
            DATA {
               0.5, 65504, inf, -0, nan
            }
\
/region                  Dataset {SCALAR}
    Data:
         DATASET "h5py.h5/big-endian" {
            REGION_TYPE BLOCK  Blk0: (1)-(2)
            DATATYPE  H5T_IEEE_F64BE
            DATASPACE  SIMPLE { ( 4 ) / ( 4 ) }
         }
\
/str                     Dataset {SCALAR}
    Data:
         "na\37777777703\37777777657ve \37777777746\37777777660\37777777664"
/strings                 Dataset {3}
    Data:
         "a", "", "\37777777742\37777777602\37777777654"
/vlen                    Dataset {2}
    Data:
         (0,1,2), ()
/x                       Dataset {4}
    Data:
         0, 1, 2, 3

$ ls -d types-old.h5/classes
9\ bits\ at\ 3           Dataset {5}
    Data:
         80:00, 51:00, 9d:01, 8f:01, 13:01
array                    Dataset {5}
    Data:
         [1284,-29790,-6116,32396,-26424,2750,-2286,-19595,26101,26611,-343,
         27775],
         [18796,-21465,5850,20225,30282,-27914,967,19794,-2933,-21848,-24791,
         -4668],
         [30137,21686,-27710,28980,29867,-31265,25836,-16860,-20647,23499,
         -13523,7783],
         [-8263,-30401,25822,-12193,-10831,-30747,-24085,25288,-11496,-24932,
         7316,-7401],
         [18119,-17568,11848,-7836,-14665,6076,-10353,14055,26164,-21038,-256,
         -22523]
bits\ 0                  Dataset {5}
    Data:
         0x05, 0x04, 0x8b, 0xa2, 0xe8
bits\ 1                  Dataset {5}
    Data:
         04:05, a2:8b, 1c:e8, 8c:7e, c8:98
bits\ 2                  Dataset {5}
    Data:
         05:04:8b:a2, e8:1c:7e:8c, 98:c8:0a:be, f7:12:b3:75, 65:f5:67:f3
bits\ 3                  Dataset {5}
    Data:
         8c:7e:1c:e8:a2:8b:04:05, 75:b3:12:f7:be:0a:c8:98,
         7f:6c:a9:fe:f3:67:f5:65, 01:4f:da:16:27:ac:6c:49,
         52:4d:c7:03:f6:92:4a:76
enum\ i32be              Dataset {5}
    Data:
         ff:ff:ff:ff, ff:ff:ff:ff, ff:ff:ff:ff, ff:ff:ff:ff, ff:ff:ff:ff
enum\ i8                 Dataset {5}
    Data:
         0x05, BLUE, 0x8b, 0xa2, 0xe8
opaque\ 0                Dataset {5}
    Data:
         0x05, 0x04, 0x8b, 0xa2, 0xe8
opaque\ 1                Dataset {5}
    Data:
         05:04:8b:a2, e8:1c:7e:8c, 98:c8:0a:be, f7:12:b3:75, 65:f5:67:f3
opaque\ 2                Dataset {5}
    Data:
         05:04:8b:a2:e8:1c:7e, 8c:98:c8:0a:be:f7:12, b3:75:65:f5:67:f3:fe,
         a9:6c:7f:49:6c:ac:27, 16:da:4f:01:76:4a:92
opaque\ 3                Dataset {5}
    Data:
         05:04:8b:a2:e8:1c:7e:8c:98:c8, 0a:be:f7:12:b3:75:65:f5:67:f3,
         fe:a9:6c:7f:49:6c:ac:27:16:da, 4f:01:76:4a:92:f6:03:c7:4d:52,
         f4:8b:aa:a8:9f:29:ed:c4:75:b9
time\ 0                  Dataset {5}
    Data:
\
time\ 1                  Dataset {5}
    Data:
\
time\ 2                  Dataset {5}
    Data:
\
time\ 3                  Dataset {5}
    Data:
\

