# hi5 cat: values, whole and in slices.
$ cat demo.h5/sample/temperature
[             295.0 297.14285714285717  299.2857142857143 301.42857142857144
 303.57142857142856  305.7142857142857 307.85714285714283              310.0]

$ cat demo.h5/sample/name
LaB6

$ cat demo.h5/sample/log
[(0.0, 'shutter open')
 (4.5, 'frame 3 slow')
 (9.0, 'shutter closed')]

$ cat 'demo.h5/detector/images[0, :2, :4]'
[[0 1 2 3]
 [1 2 3 4]]

$ cat 'demo.h5/detector/images[-1, 3, ::8]'
[  3  89 556  65]

$ cat 'demo.h5/detector/images[..., 5][1, :3]'
= 1

$ cat 'demo.h5/detector/images[:2, [1, 4, 9], 30:]'
[[[31 32]
  [34 35]
  [39 40]]
\
 [[31 32]
  [34 35]
  [40 40]]]

$ cat 'demo.h5/detector/images[2, 3, 4]'
7

$ cat 'demo.h5/detector/images[8]'
= 1

$ cat 'demo.h5/detector/images[0,0,0,0]'
= 1

$ cat 'demo.h5/detector/images[5:5]'
[]

$ cat demo.h5/detector
= 1

$ cat demo.h5/nothing
= 1

$ cat demo.h5/detector/images@nothing
= 1

$ cat -f csv demo.h5/sample/log
time,event
0.0,shutter open
4.5,frame 3 slow
9.0,shutter closed

$ cat -f csv --no-header demo.h5/sample/log
0.0,shutter open
4.5,frame 3 slow
9.0,shutter closed

$ cat -f csv 'demo.h5/detector/images[0, :3, :5]'
0,1,2,3,4
1,2,3,4,5
2,3,4,5,6

$ cat -f json demo.h5/sample/log
[{"time": 0.0, "event": "shutter open"},
 {"time": 4.5, "event": "frame 3 slow"},
 {"time": 9.0, "event": "shutter closed"}]

$ cat -f json 'demo.h5/detector/images[:2, :2, :2]'
[[[0, 1],
  [1, 2]],
 [[0, 1],
  [1, 2]]]

$ cat 'demo.h5/sample/temperature' --type f4 --format json
[295.0, 297.14285, 299.2857, 301.42856, 303.57144, 305.7143, 307.85715, 310.0]

$ cat --type '>i2' -f raw 'demo.h5/detector/mask[0, :8]'
+ od -An -tx1
 00 01 00 01 00 01 00 01 00 01 00 01 00 01 00 01

$ cat -f npy 'demo.h5/detector/mask[:2, :3]'
+ od -An -c
 223   N   U   M   P   Y 001  \0   v  \0   {   '   d   e   s   c
   r   '   :       '   |   u   1   '   ,       '   f   o   r   t
   r   a   n   _   o   r   d   e   r   '   :       F   a   l   s
   e   ,       '   s   h   a   p   e   '   :       (   2   ,    
   3   )   ,       }                                            
                                                                
*
                                                              \n
 001 001 001 001 001 001

$ cat -f npy demo.h5/sample/log
+ od -An -c
 223   N   U   M   P   Y 001  \0   v  \0   {   '   d   e   s   c
   r   '   :       [   (   '   t   i   m   e   '   ,       '   <
   f   8   '   )   ,       (   '   e   v   e   n   t   '   ,    
   '   |   S   1   6   '   )   ]   ,       '   f   o   r   t   r
   a   n   _   o   r   d   e   r   '   :       F   a   l   s   e
   ,       '   s   h   a   p   e   '   :       (   3   ,   )   ,
       }                                                        
                                                              \n
  \0  \0  \0  \0  \0  \0  \0  \0   s   h   u   t   t   e   r    
   o   p   e   n  \0  \0  \0  \0  \0  \0  \0  \0  \0  \0 022   @
   f   r   a   m   e       3       s   l   o   w  \0  \0  \0  \0
  \0  \0  \0  \0  \0  \0   "   @   s   h   u   t   t   e   r    
   c   l   o   s   e   d  \0  \0

# The conventions of h5py.
$ cat h5py.h5/bool
[ True False  True]

$ cat -f json h5py.h5/bool
[true, false, true]

$ cat h5py.h5/enum
[A C B]

$ cat h5py.h5/complex128
[[1.0+2.0j]
 [0.5+0.0j]]

$ cat -f json h5py.h5/complex64
[[1.0, 2.0], [-0.0, -3.0]]

$ cat h5py.h5/half
[    0.5 65500.0     inf    -0.0     nan]

$ cat h5py.h5/big-endian
[0.0 1.0 2.0 3.0]

$ cat h5py.h5/strings
['a' '' '€']

$ cat h5py.h5/str
naïve 水

$ cat h5py.h5/fixed
['ab' 'c']

$ cat h5py.h5/vlen
[[0 1 2] []]

$ cat h5py.h5/empty

$ cat -f json h5py.h5/empty
null

$ cat h5py.h5/ref
</half>

$ cat h5py.h5/region
</big-endian elements 2>

$ cat -f npy h5py.h5/bool
+ od -An -c
 223   N   U   M   P   Y 001  \0   v  \0   {   '   d   e   s   c
   r   '   :       '   |   b   1   '   ,       '   f   o   r   t
   r   a   n   _   o   r   d   e   r   '   :       F   a   l   s
   e   ,       '   s   h   a   p   e   '   :       (   3   ,   )
   ,       }                                                    
                                                                
*
                                                              \n
 001  \0 001

# Datatypes.
$ cat types-new.h5/classes/array
[[[[1284 -29790] [-6116 32396] [-26424 2750]] [[-2286 -19595] [26101 26611] [-343 27775]]]
 [[[18796 -21465] [5850 20225] [30282 -27914]] [[967 19794] [-2933 -21848] [-24791 -4668]]]
 [[[30137 21686] [-27710 28980] [29867 -31265]] [[25836 -16860] [-20647 23499] [-13523 7783]]]
 [[[-8263 -30401] [25822 -12193] [-10831 -30747]] [[-24085 25288] [-11496 -24932] [7316 -7401]]]
 [[[18119 -17568] [11848 -7836] [-14665 6076]] [[-10353 14055] [26164 -21038] [-256 -22523]]]]

$ cat -f csv types-new.h5/classes/array
1284,-29790,-6116,32396,-26424,2750,-2286,-19595,26101,26611,-343,27775
18796,-21465,5850,20225,30282,-27914,967,19794,-2933,-21848,-24791,-4668
30137,21686,-27710,28980,29867,-31265,25836,-16860,-20647,23499,-13523,7783
-8263,-30401,25822,-12193,-10831,-30747,-24085,25288,-11496,-24932,7316,-7401
18119,-17568,11848,-7836,-14665,6076,-10353,14055,26164,-21038,-256,-22523

$ cat 'types-new.h5/classes/opaque 1'
[0x05048ba2 0xe81c7e8c 0x98c80abe 0xf712b375 0x65f567f3]

$ cat -f json 'types-new.h5/classes/enum i32be'
[84183970, -400785780, -1731720514, -149769355, 1710581747]

$ cat 'types-new.h5/floats/bfloat16'
[ 1.56e-36 -3.77e-18 1.535e-21 -1.96e-31 -311000.0]

$ cat 'types-new.h5/floats/vax f64'
[ 6.937608414107358e-290 -1.3471011892735036e+41 -8.239800222130885e+256
  1.058548960255574e+213  1.3424288398470663e+50]

$ cat 'types-new.h5/integers/19 bits at 5, big-endian, pads'
[   9309   58356 -114603   38299  -21697]

$ cat -f json types-new.h5/compounds/packed
[{"a": 5, "b": -1.9984131126425627e-190, "c with blanks": [{"x": 51210, "y": -3.4218594e-08}, {"x": 30053, "y": -1.6177109e+38}], "s": "\udca9l\u007fIl\udcac'\u0016\udcda"},
 {"a": 79, "b": 4.847626123672649e+66, "c with blanks": [{"x": 21236, "y": -7.143291e-20}, {"x": 10733, "y": 6372358000000.0}], "s": "\udcb6\udc93\udcc2q4t\udcab\udc85\udcdf"},
 {"a": 100, "b": -1.3415753937372232e+57, "c with blanks": [{"x": 11550, "y": -4.4747217e-33}, {"x": 16228, "y": -15380511000000.0}], "s": "\udcb1\udc87\udce5\udca1\udcebb\udcc8\udcd3\u0018"},
 {"a": -98, "b": -9.856838558088758e-21, "c with blanks": [{"x": 24622, "y": -14648.32}, {"x": 46871, "y": 4.286847e-06}], "s": "\udce7f4\udcad\udcd2\udcff"},
 {"a": 90, "b": -4.3253544604627954e+192, "c with blanks": [{"x": 12217, "y": -2.8092964e+35}, {"x": 50599, "y": 1.8265038e+19}], "s": "Z\udcf1b\u001d\udca0\udcabr\udcd9$"}]

$ cat -f npy 'types-new.h5/compounds/padded[:1]'
+ od -An -c
 223   N   U   M   P   Y 001  \0 266  \0   {   '   d   e   s   c
   r   '   :       [   (   '   a   '   ,       '   |   i   1   '
   )   ,       (   '   b   '   ,       '   <   f   8   '   )   ,
       (   '   c       w   i   t   h       b   l   a   n   k   s
   '   ,       [   (   '   x   '   ,       '   >   u   2   '   )
   ,       (   '   y   '   ,       '   <   f   4   '   )   ]   ,
       (   2   ,   )   )   ,       (   '   s   '   ,       '   |
   S   9   '   )   ]   ,       '   f   o   r   t   r   a   n   _
   o   r   d   e   r   '   :       F   a   l   s   e   ,       '
   s   h   a   p   e   '   :       (   1   ,   )   ,       }    
                                                                
                                                              \n
 005 230 310  \n 276 367 022 263   u   e 365   g 363 376 251   l
 177   I   l 254   '   O 001   v   J 222 366 003 307   M

$ cat -f npy demo.h5/sample/name
= 1

# Attributes.
$ cat attrs-new.h5/shapes@box
[[ 1 -2]
 [ 3 -4]
 [ 5 -6]]

$ cat 'attrs-new.h5/shapes@box[1:, 0]'
[3 5]

$ cat attrs-new.h5/shapes@variable
variable

$ cat attrs-new.h5/shapes@variables
[['a' '']
 ['ccc' 'dd']
 ['e' 'f']]

$ cat -f json attrs-new.h5/shapes@pairs
[[{"x": -1.6823506828670893e-248, "n": 39112},
  {"x": 6.290180614434267e+305, "n": 18796}],
 [{"x": 2.96179900802995e+88, "n": 62603},
  {"x": 4.526946902171228e-56, "n": 29867}],
 [{"x": 5.252433687615807e+188, "n": 57273},
  {"x": -5.150633439042567e+40, "n": 54040}]]

$ cat -f csv attrs-new.h5/shapes@pairs
x,n
-1.6823506828670893e-248,39112
6.290180614434267e+305,18796
2.96179900802995e+88,62603
4.526946902171228e-56,29867
5.252433687615807e+188,57273
-5.150633439042567e+40,54040

$ cat attrs-new.h5/shapes@null

$ cat attrs-new.h5/shapes@zero
[]

