# hi5 dump --bytes: one structure, field by field.
$ dump --bytes 0 demo.h5
            superblock [FMT II.A]
0x00000000  signature                           89 48 44 46 0d 0a 1a 0a
0x00000008  version                             03                          3
0x00000009  size of offsets                     08                          8
0x0000000a  size of lengths                     08                          8
0x0000000b  file consistency flags              00                          0
0x0000000c  base address                        00 00 00 00 00 00 00 00     0x0
0x00000014  superblock extension address        ff ff ff ff ff ff ff ff                   undefined
0x0000001c  end of file address                 10 4c 00 00 00 00 00 00     0x4c10        the end of the file
0x00000024  root group object header address    30 00 00 00 00 00 00 00     0x30          -> OHDR
0x0000002c  checksum                            d2 9a f4 9e                 0x9ef49ad2    right

$ dump --bytes=0x2e7 demo.h5
            EAHD [FMT VII.D]
0x000002e7  signature                           45 41 48 44                               "EAHD"
0x000002eb  version                             00                          0
0x000002ec  client                              01                          1             filtered chunks
0x000002ed  entry size                          0f                          15
0x000002ee  max bits                            20                          32
0x000002ef  index block entries                 04                          4
0x000002f0  min block entries                   10                          16
0x000002f1  min block pointers                  04                          4
0x000002f2  page bits                           0a                          10
0x000002f3  super blocks                        00 00 00 00 00 00 00 00     0
0x000002fb  super block bytes                   00 00 00 00 00 00 00 00     0
0x00000303  data blocks                         02 00 00 00 00 00 00 00     2
0x0000030b  data block bytes                    fc 02 00 00 00 00 00 00     764
0x00000313  max index set                       20 00 00 00 00 00 00 00     32
0x0000031b  entries                             34 00 00 00 00 00 00 00     52
0x00000323  index block address                 0c 21 00 00 00 00 00 00     0x210c        -> EAIB
0x0000032b  checksum                            c2 27 e0 4f                 0x4fe027c2    right

$ dump --bytes 0x1db demo.h5
+ sed -n '1,24p'
            OHDR [FMT IV.A.1.b]
0x000001db  prefix                              8 bytes:
0x000001db    signature                         4f 48 44 52                               "OHDR"
0x000001df    version                           02                          2
0x000001e0    flags                             01                          1
0x000001e1    chunk size                        00 01                       256
0x000001e3  messages                            256 bytes:
0x000001e3    message type                      01                          1             dataspace
0x000001e4    message size                      34 00                       52
0x000001e6    message flags                     00                          0
0x000001e7    message                           52 bytes:
                dataspace message [FMT IV.A.2.b]
0x000001e7      version                         02                          2
0x000001e8      rank                            03                          3
0x000001e9      flags                           01                          1             maximum dimensions stored
0x000001ea      type                            01                          1             simple
0x000001eb      dimension                       08 00 00 00 00 00 00 00     8
0x000001f3      dimension                       20 00 00 00 00 00 00 00     32
0x000001fb      dimension                       20 00 00 00 00 00 00 00     32
0x00000203      maximum dimension               ff ff ff ff ff ff ff ff                   unlimited
0x0000020b      maximum dimension               20 00 00 00 00 00 00 00     32
0x00000213      maximum dimension               20 00 00 00 00 00 00 00     32
0x0000021b    message type                      03                          3             datatype
0x0000021c    message size                      0c 00                       12

$ dump --bytes / sb0.h5
            object header [FMT IV.A.1.a]
0x00000060  prefix                              16 bytes:
0x00000060    version                           01                          1
0x00000061    reserved                          00
0x00000062    messages                          01 00                       1
0x00000064    reference count                   01 00 00 00                 1
0x00000068    chunk size                        18 00 00 00                 24
0x0000006c    reserved                          00 00 00 00
0x00000070  message type                        11 00                       17            symbol table
0x00000072  message size                        10 00                       16
0x00000074  message flags                       00                          0
0x00000075  reserved                            00 00 00
0x00000078  message                             16 bytes:
              symbol table message [FMT IV.A.2.r]
0x00000078    B-tree                            88 00 00 00 00 00 00 00     0x88          -> TREE
0x00000080    local heap                        a8 02 00 00 00 00 00 00     0x2a8         -> HEAP

$ dump --bytes 0x88 sb0.h5
            TREE [FMT III.A.1]
0x00000088  signature                           54 52 45 45                               "TREE"
0x0000008c  type                                00                          0             group
0x0000008d  level                               00                          0
0x0000008e  entries used                        01 00                       1
0x00000090  left sibling                        ff ff ff ff ff ff ff ff                   undefined
0x00000098  right sibling                       ff ff ff ff ff ff ff ff                   undefined
0x000000a0  key                                 00 00 00 00 00 00 00 00     0
0x000000a8  child                               30 04 00 00 00 00 00 00     0x430         -> SNOD
0x000000b0  key                                 20 00 00 00 00 00 00 00     32

$ dump --json --bytes 0x332 demo.h5
{"file":"demo.h5","fields":[]}
= 1

$ dump --json --bytes 0x1a6 demo.h5
+ sed -n '1,4p'
{"file":"demo.h5","fields":[
{"address":422,"size":4,"depth":0,"structure":"OCHK","field":"signature","section":"IV.A.1.b","encloses":false,"bytes":"4f43484b","meaning":"\"OCHK\""},
{"address":426,"size":45,"depth":0,"structure":"OCHK","field":"messages","section":"IV.A.1.b","encloses":true},
{"address":426,"size":1,"depth":1,"structure":"OCHK","field":"message type","section":"IV.A.1.b","encloses":false,"bytes":"02","value":2,"meaning":"link info"},

# What is at an address that nothing begins at.
$ dump --bytes 0x2 demo.h5
= 1

$ dump --bytes /none demo.h5
= 1

$ dump --bytes 0
= 1

$ dump --json --bytes 0x7777777 demo.h5
{"file":"demo.h5","fields":[]}
= 1

