# hi5 recover: what can be saved.
$ recover --list demo.h5
demo.h5
  whole    group     /
  whole    group     /detector
  whole    group     /sample
  whole    dataset   /detector/images
  whole    dataset   /detector/mask
  whole    dataset   /sample/name
  whole    dataset   /sample/temperature
  whole    dataset   /sample/log
  8 whole, 0 partial, 0 lost; 0 without a link to them; 0 of 4 attributes lost

$ recover -l --json sb0.h5
{"file":"sb0.h5","objects":[{"path":"/","kind":"group","state":"whole","address":96,"found":false,"verified":false,"parts":3,"good":3,"part":"links","attributes":0,"attributes_lost":0},{"path":"/chunked","kind":"dataset","state":"whole","address":1400,"found":false,"verified":false,"parts":4,"good":4,"part":"chunks","attributes":0,"attributes_lost":0},{"path":"/contiguous","kind":"dataset","state":"whole","address":800,"found":false,"verified":false,"parts":30,"good":30,"part":"elements","attributes":0,"attributes_lost":0},{"path":"/group","kind":"group","state":"whole","address":1672,"found":false,"verified":false,"parts":3,"good":3,"part":"links","attributes":1,"attributes_lost":0},{"path":"/group/strings","kind":"dataset","state":"whole","address":7584,"found":false,"verified":false,"parts":3,"good":3,"part":"elements","attributes":0,"attributes_lost":0}],"superblock":true,"root":true,"base_address":0,"offset_size":8,"length_size":8,"file_size":12856,"missing":0,"groups":2,"datasets":3,"datatypes":0,"whole":5,"partial":0,"lost":0,"found":0,"attributes":1,"attributes_lost":0}

$ recover demo.h5
= 3

$ recover --list
= 3

$ recover -q -l vds.h5

# Cut off: the rest is told; what is behind the cut is not.
$ recover -lv $(head -c 12000 demo.h5 >$work/cut.h5; echo $work/cut.h5)
+ sed 1d
  whole    group     /
  whole    group     /detector
  whole    group     /sample
  partial  dataset   /detector/images  7 of 32 chunks
           truncated in chunk at 0x2ddb: its 299 bytes run past the end of the file
             [1:2, 16:32, 16:32] truncated in chunk at 0x2ddb: its 299 bytes run past the end of the file
             [2:3, 0:16, 0:16] truncated in chunk at 0x2f06: its 292 bytes run past the end of the file
             [2:3, 0:16, 16:32] truncated in chunk at 0x302a: its 305 bytes run past the end of the file
             [2:3, 16:32, 0:16] truncated in chunk at 0x315b: its 311 bytes run past the end of the file
             [2:3, 16:32, 16:32] truncated in chunk at 0x3292: its 302 bytes run past the end of the file
             [3:4, 0:16, 0:16] truncated in chunk at 0x33c0: its 303 bytes run past the end of the file
             [3:4, 0:16, 16:32] truncated in chunk at 0x34ef: its 313 bytes run past the end of the file
             [3:4, 16:32, 0:16] truncated in chunk at 0x3628: its 317 bytes run past the end of the file
             [3:4, 16:32, 16:32] truncated in chunk at 0x3765: its 309 bytes run past the end of the file
             [4:5, 0:16, 0:16] truncated in chunk at 0x389a: its 298 bytes run past the end of the file
             [4:5, 0:16, 16:32] truncated in chunk at 0x39c4: its 306 bytes run past the end of the file
             [4:5, 16:32, 0:16] truncated in chunk at 0x3af6: its 316 bytes run past the end of the file
             [4:5, 16:32, 16:32] truncated in chunk at 0x3c32: its 304 bytes run past the end of the file
             [5:6, 0:16, 0:16] truncated in chunk at 0x3d62: its 293 bytes run past the end of the file
             [5:6, 0:16, 16:32] truncated in chunk at 0x3e87: its 306 bytes run past the end of the file
             [5:6, 16:32, 0:16] truncated in chunk at 0x3fb9: its 315 bytes run past the end of the file
             [5:6, 16:32, 16:32] truncated in chunk at 0x40f4: its 307 bytes run past the end of the file
             [6:7, 0:16, 0:16] truncated in chunk at 0x4227: its 312 bytes run past the end of the file
             [6:7, 0:16, 16:32] truncated in chunk at 0x435f: its 317 bytes run past the end of the file
             [6:7, 16:32, 0:16] truncated in chunk at 0x449c: its 323 bytes run past the end of the file
             [6:7, 16:32, 16:32] truncated in chunk at 0x45df: its 315 bytes run past the end of the file
             [7:8, 0:16, 0:16] truncated in chunk at 0x471a: its 308 bytes run past the end of the file
             [7:8, 0:16, 16:32] truncated in chunk at 0x484e: its 321 bytes run past the end of the file
             [7:8, 16:32, 0:16] truncated in chunk at 0x498f: its 323 bytes run past the end of the file
             [7:8, 16:32, 16:32] truncated in chunk at 0x4ad2: its 318 bytes run past the end of the file
  whole    dataset   /detector/mask
  whole    dataset   /sample/name
  whole    dataset   /sample/temperature
  whole    dataset   /sample/log
  7472 bytes are missing at the end
  7 whole, 1 partial, 0 lost; 0 without a link to them; 0 of 4 attributes lost

# The superblock is gone.
$ recover -l $({ head -c 48 /dev/zero; tail -c +49 demo.h5; } >$work/no.h5; echo $work/no.h5)
+ sed 1d
  whole    group     /
  whole    group     /detector
  whole    group     /sample
  whole    dataset   /detector/images
  whole    dataset   /detector/mask
  whole    dataset   /sample/name
  whole    dataset   /sample/temperature
  whole    dataset   /sample/log
  the superblock is gone; address 0 seems to be at 0x0, offsets seem to have 8 bytes, lengths 8
  8 whole, 0 partial, 0 lost; 0 without a link to them; 0 of 4 attributes lost

# The root header is gone, and with it the names.
$ recover -l $({ head -c 48 demo.h5; head -c 195 /dev/zero; tail -c +244 demo.h5; } >$work/no.h5; echo $work/no.h5)
+ sed 1d
  lost     group     /
           corrupt in object header at 0x30: version: 0, expected 1 [FMT IV.A.1.a]
  whole    group     /lost+found/0xf3
  whole    dataset   /lost+found/0xf3/images
  whole    dataset   /lost+found/0xf3/mask
  whole    group     /lost+found/0x479
  whole    dataset   /lost+found/0x479/name
  whole    dataset   /lost+found/0x479/temperature
  whole    dataset   /lost+found/0x479/log
  the root group is lost
  7 whole, 0 partial, 1 lost; 7 without a link to them; 0 of 2 attributes lost

$ recover -l --json $(head -c 4000 /dev/zero >$work/zero.h5; echo $work/zero.h5)
+ sed 's/^{"file":"[^"]*"//'
,"objects":[],"superblock":false,"root":false,"base_address":0,"offset_size":0,"length_size":0,"file_size":0,"missing":0,"groups":0,"datasets":0,"datatypes":0,"whole":0,"partial":0,"lost":0,"found":0,"attributes":0,"attributes_lost":0}

$ help recover
+ sed -n '1,3p'
hi5 recover - what can be saved of a damaged file
\
Usage: hi5 recover [OPTIONS] FILE OUT


# What can be saved is written.
$ recover $work/cut.h5 $work/out.h5
+ tail -n 1 | sed 's/^.*out.h5/out.h5/'
out.h5: 8 objects, 9533 bytes
= 1

$ check -q $work/out.h5

# Never over what is there, unless it is asked for; never over the damaged file.
$ recover -q $work/cut.h5 $work/out.h5
= 3

$ recover -qf $work/cut.h5 $work/out.h5
= 1

$ recover -qf $work/cut.h5 $work/cut.h5
= 3

$ recover -q demo.h5 $work/whole.h5

$ diff demo.h5 $work/whole.h5
