# hi5 dump: what h5dump prints.
$ dump -H demo.h5
HDF5 "demo.h5" {
GROUP "/" {
   ATTRIBUTE "sites" {
      DATATYPE  H5T_IEEE_F64LE
      DATASPACE  SIMPLE { ( 2 ) / ( 2 ) }
   }
   ATTRIBUTE "title" {
      DATATYPE  H5T_STRING {
         STRSIZE H5T_VARIABLE;
         STRPAD H5T_STR_NULLTERM;
         CSET H5T_CSET_UTF8;
         CTYPE H5T_C_S1;
      }
      DATASPACE  SCALAR
   }
   GROUP "detector" {
      DATASET "images" {
         DATATYPE  H5T_STD_U16LE
         DATASPACE  SIMPLE { ( 8, 32, 32 ) / ( H5S_UNLIMITED, 32, 32 ) }
         ATTRIBUTE "exposure" {
            DATATYPE  H5T_IEEE_F64LE
            DATASPACE  SCALAR
         }
         ATTRIBUTE "unit" {
            DATATYPE  H5T_STRING {
               STRSIZE H5T_VARIABLE;
               STRPAD H5T_STR_NULLTERM;
               CSET H5T_CSET_UTF8;
               CTYPE H5T_C_S1;
            }
            DATASPACE  SCALAR
         }
      }
      SOFTLINK "latest" {
         LINKTARGET "/detector/images"
      }
      DATASET "mask" {
         DATATYPE  H5T_STD_U8LE
         DATASPACE  SIMPLE { ( 32, 32 ) / ( 32, 32 ) }
      }
   }
   GROUP "sample" {
      EXTERNAL_LINK "calibration" {
         TARGETFILE "calibration.h5"
         TARGETPATH "/run17"
      }
      DATASET "log" {
         DATATYPE  H5T_COMPOUND {
            H5T_IEEE_F64LE "time";
            H5T_STRING {
               STRSIZE 16;
               STRPAD H5T_STR_NULLPAD;
               CSET H5T_CSET_ASCII;
               CTYPE H5T_C_S1;
            } "event";
         }
         DATASPACE  SIMPLE { ( 3 ) / ( 3 ) }
      }
      DATASET "name" {
         DATATYPE  H5T_STRING {
            STRSIZE H5T_VARIABLE;
            STRPAD H5T_STR_NULLTERM;
            CSET H5T_CSET_UTF8;
            CTYPE H5T_C_S1;
         }
         DATASPACE  SCALAR
      }
      DATASET "temperature" {
         DATATYPE  H5T_IEEE_F64LE
         DATASPACE  SIMPLE { ( 8 ) / ( 8 ) }
      }
   }
}
}

$ dump -pH -d /detector/images -d /detector/mask demo.h5
HDF5 "demo.h5" {
DATASET "/detector/images" {
   DATATYPE  H5T_STD_U16LE
   DATASPACE  SIMPLE { ( 8, 32, 32 ) / ( H5S_UNLIMITED, 32, 32 ) }
   STORAGE_LAYOUT {
      CHUNKED ( 1, 16, 16 )
      SIZE 9818 (1.669:1 COMPRESSION)
   }
   FILTERS {
      PREPROCESSING SHUFFLE
      COMPRESSION DEFLATE { LEVEL 6 }
      CHECKSUM FLETCHER32
   }
   FILLVALUE {
      FILL_TIME H5D_FILL_TIME_ALLOC
      VALUE  H5D_FILL_VALUE_DEFAULT
   }
   ALLOCATION_TIME {
      H5D_ALLOC_TIME_INCR
   }
   ATTRIBUTE "exposure" {
      DATATYPE  H5T_IEEE_F64LE
      DATASPACE  SCALAR
   }
   ATTRIBUTE "unit" {
      DATATYPE  H5T_STRING {
         STRSIZE H5T_VARIABLE;
         STRPAD H5T_STR_NULLTERM;
         CSET H5T_CSET_UTF8;
         CTYPE H5T_C_S1;
      }
      DATASPACE  SCALAR
   }
}
DATASET "/detector/mask" {
   DATATYPE  H5T_STD_U8LE
   DATASPACE  SIMPLE { ( 32, 32 ) / ( 32, 32 ) }
   STORAGE_LAYOUT {
      CONTIGUOUS
      SIZE 1024
      OFFSET 6144
   }
   FILTERS {
      NONE
   }
   FILLVALUE {
      FILL_TIME H5D_FILL_TIME_IFSET
      VALUE  H5D_FILL_VALUE_DEFAULT
   }
   ALLOCATION_TIME {
      H5D_ALLOC_TIME_LATE
   }
}
}

$ dump -A demo.h5
HDF5 "demo.h5" {
GROUP "/" {
   ATTRIBUTE "sites" {
      DATATYPE  H5T_IEEE_F64LE
      DATASPACE  SIMPLE { ( 2 ) / ( 2 ) }
      DATA {
      (0): 48.2, 16.4
      }
   }
   ATTRIBUTE "title" {
      DATATYPE  H5T_STRING {
         STRSIZE H5T_VARIABLE;
         STRPAD H5T_STR_NULLTERM;
         CSET H5T_CSET_UTF8;
         CTYPE H5T_C_S1;
      }
      DATASPACE  SCALAR
      DATA {
      (0): "Powder diffraction, run 17"
      }
   }
   GROUP "detector" {
      DATASET "images" {
         DATATYPE  H5T_STD_U16LE
         DATASPACE  SIMPLE { ( 8, 32, 32 ) / ( H5S_UNLIMITED, 32, 32 ) }
         ATTRIBUTE "exposure" {
            DATATYPE  H5T_IEEE_F64LE
            DATASPACE  SCALAR
            DATA {
            (0): 0.125
            }
         }
         ATTRIBUTE "unit" {
            DATATYPE  H5T_STRING {
               STRSIZE H5T_VARIABLE;
               STRPAD H5T_STR_NULLTERM;
               CSET H5T_CSET_UTF8;
               CTYPE H5T_C_S1;
            }
            DATASPACE  SCALAR
            DATA {
            (0): "counts"
            }
         }
      }
      SOFTLINK "latest" {
         LINKTARGET "/detector/images"
      }
      DATASET "mask" {
         DATATYPE  H5T_STD_U8LE
         DATASPACE  SIMPLE { ( 32, 32 ) / ( 32, 32 ) }
      }
   }
   GROUP "sample" {
      EXTERNAL_LINK "calibration" {
         TARGETFILE "calibration.h5"
         TARGETPATH "/run17"
      }
      DATASET "log" {
         DATATYPE  H5T_COMPOUND {
            H5T_IEEE_F64LE "time";
            H5T_STRING {
               STRSIZE 16;
               STRPAD H5T_STR_NULLPAD;
               CSET H5T_CSET_ASCII;
               CTYPE H5T_C_S1;
            } "event";
         }
         DATASPACE  SIMPLE { ( 3 ) / ( 3 ) }
      }
      DATASET "name" {
         DATATYPE  H5T_STRING {
            STRSIZE H5T_VARIABLE;
            STRPAD H5T_STR_NULLTERM;
            CSET H5T_CSET_UTF8;
            CTYPE H5T_C_S1;
         }
         DATASPACE  SCALAR
      }
      DATASET "temperature" {
         DATATYPE  H5T_IEEE_F64LE
         DATASPACE  SIMPLE { ( 8 ) / ( 8 ) }
      }
   }
}
}

$ dump -A 0 -d /sample/temperature demo.h5
HDF5 "demo.h5" {
DATASET "/sample/temperature" {
   DATATYPE  H5T_IEEE_F64LE
   DATASPACE  SIMPLE { ( 8 ) / ( 8 ) }
   DATA {
   (0): 295, 297.143, 299.286, 301.429, 303.571, 305.714, 307.857, 310
   }
}
}

$ dump -n demo.h5
HDF5 "demo.h5" {
FILE_CONTENTS {
 group      /
 group      /detector
 dataset    /detector/images
 link       /detector/latest -> /detector/images
 dataset    /detector/mask
 group      /sample
 ext link   /sample/calibration -> calibration.h5 /run17
 dataset    /sample/log
 dataset    /sample/name
 dataset    /sample/temperature
 }
}

$ dump -n 1 demo.h5
HDF5 "demo.h5" {
FILE_CONTENTS {
 group      /
 attribute  /sites
 attribute  /title
 group      /detector
 dataset    /detector/images
 attribute  /detector/images/exposure
 attribute  /detector/images/unit
 link       /detector/latest -> /detector/images
 dataset    /detector/mask
 group      /sample
 ext link   /sample/calibration -> calibration.h5 /run17
 dataset    /sample/log
 dataset    /sample/name
 dataset    /sample/temperature
 }
}

$ dump --contents=1 attrs-order.h5
+ head -8
HDF5 "attrs-order.h5" {
FILE_CONTENTS {
 group      /
 group      /deep
 attribute  /deep/attribute 0
 attribute  /deep/attribute 10
 attribute  /deep/attribute 100
 attribute  /deep/attribute 101

$ dump -B -d /sample/name demo.h5
HDF5 "demo.h5" {
SUPER_BLOCK {
   SUPERBLOCK_VERSION 3
   FREELIST_VERSION 0
   SYMBOLTABLE_VERSION 0
   OBJECTHEADER_VERSION 0
   OFFSET_SIZE 8
   LENGTH_SIZE 8
   BTREE_RANK 16
   BTREE_LEAF 4
   ISTORE_K 32
   FILE_SPACE_STRATEGY H5F_FSPACE_STRATEGY_FSM_AGGR
   FREE_SPACE_PERSIST FALSE
   FREE_SPACE_SECTION_THRESHOLD 1
   FILE_SPACE_PAGE_SIZE 4096
   USER_BLOCK {
      USERBLOCK_SIZE 0
   }
}
DATASET "/sample/name" {
   DATATYPE  H5T_STRING {
      STRSIZE H5T_VARIABLE;
      STRPAD H5T_STR_NULLTERM;
      CSET H5T_CSET_UTF8;
      CTYPE H5T_C_S1;
   }
   DATASPACE  SCALAR
   DATA {
   (0): "LaB6"
   }
}
}

# Objects by name.
$ dump -d /sample/log demo.h5
HDF5 "demo.h5" {
DATASET "/sample/log" {
   DATATYPE  H5T_COMPOUND {
      H5T_IEEE_F64LE "time";
      H5T_STRING {
         STRSIZE 16;
         STRPAD H5T_STR_NULLPAD;
         CSET H5T_CSET_ASCII;
         CTYPE H5T_C_S1;
      } "event";
   }
   DATASPACE  SIMPLE { ( 3 ) / ( 3 ) }
   DATA {
   (0): {
         0,
         "shutter open\000\000\000\000"
      },
   (1): {
         4.5,
         "frame 3 slow\000\000\000\000"
      },
   (2): {
         9,
         "shutter closed\000\000"
      }
   }
}
}

$ dump --dataset /sample/log --attribute=/detector/images/unit demo.h5
HDF5 "demo.h5" {
DATASET "/sample/log" {
   DATATYPE  H5T_COMPOUND {
      H5T_IEEE_F64LE "time";
      H5T_STRING {
         STRSIZE 16;
         STRPAD H5T_STR_NULLPAD;
         CSET H5T_CSET_ASCII;
         CTYPE H5T_C_S1;
      } "event";
   }
   DATASPACE  SIMPLE { ( 3 ) / ( 3 ) }
   DATA {
   (0): {
         0,
         "shutter open\000\000\000\000"
      },
   (1): {
         4.5,
         "frame 3 slow\000\000\000\000"
      },
   (2): {
         9,
         "shutter closed\000\000"
      }
   }
}
ATTRIBUTE "unit" {
   DATATYPE  H5T_STRING {
      STRSIZE H5T_VARIABLE;
      STRPAD H5T_STR_NULLTERM;
      CSET H5T_CSET_UTF8;
      CTYPE H5T_C_S1;
   }
   DATASPACE  SCALAR
   DATA {
   (0): "counts"
   }
}
}

$ dump -g /sample -H demo.h5
HDF5 "demo.h5" {
GROUP "/sample" {
   EXTERNAL_LINK "calibration" {
      TARGETFILE "calibration.h5"
      TARGETPATH "/run17"
   }
   DATASET "log" {
      DATATYPE  H5T_COMPOUND {
         H5T_IEEE_F64LE "time";
         H5T_STRING {
            STRSIZE 16;
            STRPAD H5T_STR_NULLPAD;
            CSET H5T_CSET_ASCII;
            CTYPE H5T_C_S1;
         } "event";
      }
      DATASPACE  SIMPLE { ( 3 ) / ( 3 ) }
   }
   DATASET "name" {
      DATATYPE  H5T_STRING {
         STRSIZE H5T_VARIABLE;
         STRPAD H5T_STR_NULLTERM;
         CSET H5T_CSET_UTF8;
         CTYPE H5T_C_S1;
      }
      DATASPACE  SCALAR
   }
   DATASET "temperature" {
      DATATYPE  H5T_IEEE_F64LE
      DATASPACE  SIMPLE { ( 8 ) / ( 8 ) }
   }
}
}

$ dump -l /detector/latest -l /sample/calibration demo.h5
HDF5 "demo.h5" {
SOFTLINK "/detector/latest" {
   LINKTARGET "/detector/images"
}
EXTERNAL_LINK "/sample/calibration" {
   TARGETFILE "calibration.h5"
   TARGETPATH "/run17"
}
}

$ dump -N unit demo.h5
HDF5 "demo.h5" {
ATTRIBUTE "unit" {
   DATATYPE  H5T_STRING {
      STRSIZE H5T_VARIABLE;
      STRPAD H5T_STR_NULLTERM;
      CSET H5T_CSET_UTF8;
      CTYPE H5T_C_S1;
   }
   DATASPACE  SCALAR
   DATA {
   (0): "counts"
   }
}
}

$ dump -N /sample/name demo.h5
HDF5 "demo.h5" {
DATASET "/sample/name" {
   DATATYPE  H5T_STRING {
      STRSIZE H5T_VARIABLE;
      STRPAD H5T_STR_NULLTERM;
      CSET H5T_CSET_UTF8;
      CTYPE H5T_C_S1;
   }
   DATASPACE  SCALAR
   DATA {
   (0): "LaB6"
   }
}
}

$ dump demo.h5/sample/name
HDF5 "demo.h5" {
DATASET "/sample/name" {
   DATATYPE  H5T_STRING {
      STRSIZE H5T_VARIABLE;
      STRPAD H5T_STR_NULLTERM;
      CSET H5T_CSET_UTF8;
      CTYPE H5T_C_S1;
   }
   DATASPACE  SCALAR
   DATA {
   (0): "LaB6"
   }
}
}

$ dump -t /type refs-new.h5
HDF5 "refs-new.h5" {
DATATYPE "/type" H5T_STD_I32BE;
}

$ dump -d /nothing demo.h5
HDF5 "demo.h5" {
}
= 1

$ dump -g /nothing demo.h5
HDF5 "demo.h5" {
GROUP "/nothing" {
   }
}
= 1

$ dump -t /nothing demo.h5
HDF5 "demo.h5" {
DATATYPE "/nothing" 
   
}
= 1

$ dump -a /nothing/unit demo.h5
HDF5 "demo.h5" {
ATTRIBUTE "/nothing/unit" {
}
}
= 1

$ dump -a /detector/nothing demo.h5
HDF5 "demo.h5" {
ATTRIBUTE "nothing" {
}
}
= 1

$ dump -l /detector/images demo.h5
HDF5 "demo.h5" {
}
= 1

# Lines.
$ dump -d /detector/mask -w 50 -s 0,0 -c 2,32 demo.h5
HDF5 "demo.h5" {
DATASET "/detector/mask" {
   DATATYPE  H5T_STD_U8LE
   DATASPACE  SIMPLE { ( 32, 32 ) / ( 32, 32 ) }
   SUBSET {
      START ( 0, 0 );
      STRIDE ( 1, 1 );
      COUNT ( 2, 32 );
      BLOCK ( 1, 1 );
      DATA {
      (0,0): 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
      (0,11): 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
      (0,22): 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
      (1,0): 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
      (1,11): 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1,
      (1,22): 1, 1, 1, 1, 1, 1, 1, 1, 1, 1
      }
   }
}
}

$ dump -d /detector/mask -w 0 -s 0,0 -c 2,32 demo.h5
HDF5 "demo.h5" {
DATASET "/detector/mask" {
   DATATYPE  H5T_STD_U8LE
   DATASPACE  SIMPLE { ( 32, 32 ) / ( 32, 32 ) }
   SUBSET {
      START ( 0, 0 );
      STRIDE ( 1, 1 );
      COUNT ( 2, 32 );
      BLOCK ( 1, 1 );
      DATA {
      (0,0): 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
      (1,0): 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1
      }
   }
}
}

$ dump -d /sample/temperature -y demo.h5
HDF5 "demo.h5" {
DATASET "/sample/temperature" {
   DATATYPE  H5T_IEEE_F64LE
   DATASPACE  SIMPLE { ( 8 ) / ( 8 ) }
   DATA {
      295, 297.143, 299.286, 301.429, 303.571, 305.714, 307.857, 310
   }
}
}

$ dump -d /sample/temperature -m %.2f demo.h5
HDF5 "demo.h5" {
DATASET "/sample/temperature" {
   DATATYPE  H5T_IEEE_F64LE
   DATASPACE  SIMPLE { ( 8 ) / ( 8 ) }
   DATA {
   (0): 295.00,
   (1): 297.14,
   (2): 299.29,
   (3): 301.43,
   (4): 303.57,
   (5): 305.71,
   (6): 307.86,
   (7): 310.00
   }
}
}

$ dump -d /sample/log -y -w 40 demo.h5
HDF5 "demo.h5" {
DATASET "/sample/log" {
   DATATYPE  H5T_COMPOUND {
      H5T_IEEE_F64LE "time";
      H5T_STRING {
         STRSIZE 16;
         STRPAD H5T_STR_NULLPAD;
         CSET H5T_CSET_ASCII;
         CTYPE H5T_C_S1;
      } "event";
   }
   DATASPACE  SIMPLE { ( 3 ) / ( 3 ) }
   DATA {
      {
         0,
         "shutter open\000\000\000\000"
      },
      {
         4.5,
         "frame 3 slow\000\000\000\000"
      },
      {
         9,
         "shutter closed\000\000"
      }
   }
}
}

$ dump -m %s demo.h5
= 1

$ dump -m '%d' demo.h5
= 1

$ dump -m '%g%g' demo.h5
= 1

# Subsets.
$ dump -d /detector/images -s 1,2,3 -c 2,2,3 -S 3,4,5 -k 1,2,2 demo.h5
HDF5 "demo.h5" {
DATASET "/detector/images" {
   DATATYPE  H5T_STD_U16LE
   DATASPACE  SIMPLE { ( 8, 32, 32 ) / ( H5S_UNLIMITED, 32, 32 ) }
   SUBSET {
      START ( 1, 2, 3 );
      STRIDE ( 3, 4, 5 );
      COUNT ( 2, 2, 3 );
      BLOCK ( 1, 2, 2 );
      DATA {
      (1,2,3): 5, 6, 12, 15, 47, 55,
      (1,3,3): 6, 7, 19, 30, 133, 157,
      (1,6,3): 10, 14, 246, 399, 871, 900,
      (1,7,3): 13, 24, 451, 650, 897, 865
      (4,2,3): 5, 6, 16, 25, 104, 122,
      (4,3,3): 6, 7, 38, 67, 272, 311,
      (4,6,3): 13, 26, 444, 630, 914, 898,
      (4,7,3): 21, 52, 683, 845, 745, 680
      }
   }
   ATTRIBUTE "exposure" {
      DATATYPE  H5T_IEEE_F64LE
      DATASPACE  SCALAR
      DATA {
      (0): 0.125
      }
   }
   ATTRIBUTE "unit" {
      DATATYPE  H5T_STRING {
         STRSIZE H5T_VARIABLE;
         STRPAD H5T_STR_NULLTERM;
         CSET H5T_CSET_UTF8;
         CTYPE H5T_C_S1;
      }
      DATASPACE  SCALAR
      DATA {
      (0): "counts"
      }
   }
}
}

$ dump -d '/detector/images[1,2,3;3,4,5;2,2,3;1,2,2]' -y demo.h5
HDF5 "demo.h5" {
DATASET "/detector/images" {
   DATATYPE  H5T_STD_U16LE
   DATASPACE  SIMPLE { ( 8, 32, 32 ) / ( H5S_UNLIMITED, 32, 32 ) }
   SUBSET {
      START ( 1, 2, 3 );
      STRIDE ( 3, 4, 5 );
      COUNT ( 2, 2, 3 );
      BLOCK ( 1, 2, 2 );
      DATA {
         5, 6, 12, 15, 47, 55,
         6, 7, 19, 30, 133, 157,
         10, 14, 246, 399, 871, 900,
         13, 24, 451, 650, 897, 865
         5, 6, 16, 25, 104, 122,
         6, 7, 38, 67, 272, 311,
         13, 26, 444, 630, 914, 898,
         21, 52, 683, 845, 745, 680
      }
   }
   ATTRIBUTE "exposure" {
      DATATYPE  H5T_IEEE_F64LE
      DATASPACE  SCALAR
      DATA {
         0.125
      }
   }
   ATTRIBUTE "unit" {
      DATATYPE  H5T_STRING {
         STRSIZE H5T_VARIABLE;
         STRPAD H5T_STR_NULLTERM;
         CSET H5T_CSET_UTF8;
         CTYPE H5T_C_S1;
      }
      DATASPACE  SCALAR
      DATA {
         "counts"
      }
   }
}
}

$ dump -d '/detector/images[7,31,30;;1,1,2;]' demo.h5
HDF5 "demo.h5" {
DATASET "/detector/images" {
   DATATYPE  H5T_STD_U16LE
   DATASPACE  SIMPLE { ( 8, 32, 32 ) / ( H5S_UNLIMITED, 32, 32 ) }
   SUBSET {
      START ( 7, 31, 30 );
      STRIDE ( 1, 1, 1 );
      COUNT ( 1, 1, 2 );
      BLOCK ( 1, 1, 1 );
      DATA {
      (7,31,30): 61, 62
      }
   }
   ATTRIBUTE "exposure" {
      DATATYPE  H5T_IEEE_F64LE
      DATASPACE  SCALAR
      DATA {
      (0): 0.125
      }
   }
   ATTRIBUTE "unit" {
      DATATYPE  H5T_STRING {
         STRSIZE H5T_VARIABLE;
         STRPAD H5T_STR_NULLTERM;
         CSET H5T_CSET_UTF8;
         CTYPE H5T_C_S1;
      }
      DATASPACE  SCALAR
      DATA {
      (0): "counts"
      }
   }
}
}

$ dump -d /detector/images -s 1 demo.h5
HDF5 "demo.h5" {
}
= 1

$ dump -d /detector/images -s 1,2,3,4 demo.h5
HDF5 "demo.h5" {
}
= 1

$ dump -d /detector/images -c 1,2,2 -k 1,3,3 demo.h5
HDF5 "demo.h5" {
}
= 1

$ dump -d /detector/images -s 8,0,0 demo.h5
HDF5 "demo.h5" {
DATASET "/detector/images" {
   DATATYPE  H5T_STD_U16LE
   DATASPACE  SIMPLE { ( 8, 32, 32 ) / ( H5S_UNLIMITED, 32, 32 ) }
   SUBSET {
      START ( 8, 0, 0 );
      STRIDE ( 1, 1, 1 );
      COUNT ( 1, 1, 1 );
      BLOCK ( 1, 1, 1 );
      DATA {
      }
   }
   ATTRIBUTE "exposure" {
      DATATYPE  H5T_IEEE_F64LE
      DATASPACE  SCALAR
      DATA {
      (0): 0.125
      }
   }
   ATTRIBUTE "unit" {
      DATATYPE  H5T_STRING {
         STRSIZE H5T_VARIABLE;
         STRPAD H5T_STR_NULLTERM;
         CSET H5T_CSET_UTF8;
         CTYPE H5T_C_S1;
      }
      DATASPACE  SCALAR
      DATA {
      (0): "counts"
      }
   }
}
}
= 1

$ dump -s 1 demo.h5
= 1

$ dump -C -d 'a[1]' -H pit-names-old.h5
HDF5 "pit-names-old.h5" {
DATASET "a[1]" {
   DATATYPE  H5T_STD_I32LE
   DATASPACE  SIMPLE { ( 4 ) / ( 4 ) }
   ATTRIBUTE "Pressure" {
      DATATYPE  H5T_STD_I32LE
      DATASPACE  SCALAR
   }
   ATTRIBUTE "PressureExtra" {
      DATATYPE  H5T_STD_I32LE
      DATASPACE  SCALAR
   }
}
}

$ dump -d 'a[1]' -H pit-names-old.h5
HDF5 "pit-names-old.h5" {
}
= 1

# Values of each class.
$ dump -d /classes/array -d '/classes/9 bits at 3' -d '/classes/enum i8' types-old.h5
HDF5 "types-old.h5" {
DATASET "/classes/array" {
   DATATYPE  H5T_ARRAY { [2][3][2] H5T_STD_I16BE }
   DATASPACE  SIMPLE { ( 5 ) / ( 5 ) }
   DATA {
   (0): [ 1284, -29790,
         -6116, 32396,
         -26424, 2750,
         -2286, -19595,
         26101, 26611,
         -343, 27775 ],
   (1): [ 18796, -21465,
         5850, 20225,
         30282, -27914,
         967, 19794,
         -2933, -21848,
         -24791, -4668 ],
   (2): [ 30137, 21686,
         -27710, 28980,
         29867, -31265,
         25836, -16860,
         -20647, 23499,
         -13523, 7783 ],
   (3): [ -8263, -30401,
         25822, -12193,
         -10831, -30747,
         -24085, 25288,
         -11496, -24932,
         7316, -7401 ],
   (4): [ 18119, -17568,
         11848, -7836,
         -14665, 6076,
         -10353, 14055,
         26164, -21038,
         -256, -22523 ]
   }
}
DATASET "/classes/9 bits at 3" {
   DATATYPE  undefined bitfield
   DATASPACE  SIMPLE { ( 5 ) / ( 5 ) }
   DATA {
   (0): 80:00, 51:00, 9d:01, 8f:01, 13:01
   }
}
DATASET "/classes/enum i8" {
   DATATYPE  H5T_ENUM {
      H5T_STD_I8LE;
      "RED"              -2;
      "GREEN"            1;
      "BLUE"             4;
      "with "quotes""    7;
   }
   DATASPACE  SIMPLE { ( 5 ) / ( 5 ) }
   DATA {
   (0): 0x05, BLUE, 0x8b, 0xa2, 0xe8
   }
}
}

$ dump -d '/classes/opaque 1' -d '/classes/time 0' types-old.h5
HDF5 "types-old.h5" {
DATASET "/classes/opaque 1" {
   DATATYPE  H5T_OPAQUE {
      OPAQUE_TAG "tag";
   }
   DATASPACE  SIMPLE { ( 5 ) / ( 5 ) }
   DATA {
   (0): 05:04:8b:a2, e8:1c:7e:8c, 98:c8:0a:be, f7:12:b3:75, 65:f5:67:f3
   }
}
DATASET "/classes/time 0" {
   DATATYPE  H5T_TIME: not yet implemented
   DATASPACE  SIMPLE { ( 5 ) / ( 5 ) }
      DATA{ not yet implemented.}
}
}

$ dump -d '/floats/half' -d '/floats/long double' -d '/floats/vax f64' types-old.h5
HDF5 "types-old.h5" {
DATASET "/floats/half" {
   DATATYPE  H5T_IEEE_F16LE
   DATASPACE  SIMPLE { ( 5 ) / ( 5 ) }
   DATA {
   (0): 6.13332e-05, -0.0127792, 0.00479126, -0.000274181, -9.1875
   }
}
DATASET "/floats/long double" {
   DATATYPE  128-bit little-endian floating-point 80-bit precision
   DATASPACE  SIMPLE { ( 5 ) / ( 5 ) }
   DATA {
   (0): -4.05008e+662, nan, -nan, -nan, -nan
   }
}
DATASET "/floats/vax f64" {
   DATATYPE  H5T_VAX_F64
   DATASPACE  SIMPLE { ( 5 ) / ( 5 ) }
   DATA {
   (0): 6.93761e-290, -1.3471e+41, -8.2398e+256, 1.05855e+213, 1.34243e+50
   }
}
}

$ dump -d '/floats/20 bits, msb set' -d '/integers/128 bits' types-old.h5
HDF5 "types-old.h5" {
DATASET "/floats/20 bits, msb set" {
   DATATYPE  32-bit little-endian floating-point 20-bit precision
   DATASPACE  SIMPLE { ( 5 ) / ( 5 ) }
   DATA {
   (0): -0.00196266, -236800, -0.00104904, 0.00926018, nan
   }
}
DATASET "/integers/128 bits" {
   DATATYPE  128-bit little-endian integer 128-bit precision
   DATASPACE  SIMPLE { ( 5 ) / ( 5 ) }
   DATA {
   (0): 9223372036854775807, 9223372036854775807, -9223372036854775808,
   (3): 9223372036854775807, 9223372036854775807
   }
}
}

$ dump -d '/integers/19 bits at 5, big-endian, pads' types-old.h5
HDF5 "types-old.h5" {
DATASET "/integers/19 bits at 5, big-endian, pads" {
   DATATYPE  32-bit big-endian integer 19-bit precision
   DATASPACE  SIMPLE { ( 5 ) / ( 5 ) }
   DATA {
   (0): 9309, 58356, -114603, 38299, -21697
   }
}
}

$ dump -d '/committed/dataset' -t /committed/compound -t /committed/enum types-old.h5
HDF5 "types-old.h5" {
DATASET "/committed/dataset" {
   DATATYPE  "/committed/compound"
   DATASPACE  SIMPLE { ( 5 ) / ( 5 ) }
   DATA {
   (0): {
         5,
         9.16474e+258,
         [ {
               26101,
               -1.13221e-13
            }, {
               27775,
               4.7857e-15
            } ],
         "O\001vJ\37777777622\37777777766\003\37777777707M"
      },
   (1): {
         117,
         1.08915e-131,
         [ {
               44889,
               2.31687e-11
            }, {
               7783,
               1.07598
            } ],
         "\37777777720_\37777777725\37777777661\37777777607\37777777745\37777777641\37777777753b"
      },
   (2): {
         70,
         -1.5707e+189,
         [ {
               26164,
               2.34936e-38
            }, {
               43013,
               -1.96612e+25
            } ],
         "V\37777777756\37777777747/\37777777671\37777777632kX\37777777772"
      },
   (3): {
         29,
         2.67475e-156,
         [ {
               20271,
               -1.1025e+19
            }, {
               16362,
               5.19245e-38
            } ],
         "\377777777058\003T\37777777627a\37777777655\37777777671\036"
      },
   (4): {
         81,
         6.25163e-37,
         [ {
               13494,
               2.51281e+26
            }, {
               25847,
               -0.000481666
            } ],
         "\37777777657c\37777777725\37777777605\37777777725\37777777644\37777777676\37777777666\37777777762"
      }
   }
}
DATATYPE "/committed/compound" H5T_COMPOUND {
   H5T_STD_I8LE "a";
   H5T_IEEE_F64LE "b";
   H5T_ARRAY { [2] H5T_COMPOUND {
      H5T_STD_U16BE "x";
      H5T_IEEE_F32LE "y";
   } } "c with blanks";
   H5T_STRING {
      STRSIZE 9;
      STRPAD H5T_STR_NULLTERM;
      CSET H5T_CSET_ASCII;
      CTYPE H5T_C_S1;
   } "s";
}
   ATTRIBUTE "attribute of a type" {
      DATATYPE  H5T_STD_I32LE
      DATASPACE  SCALAR
      DATA {
      (0): 5
      }
   }
DATATYPE "/committed/enum" H5T_ENUM {
   H5T_STD_U8LE;
   "RED"              0;
   "GREEN"            1;
   "BLUE"             4;
   "with "quotes""    7;
};
}

$ dump -d '/compounds/of enum, bits, time' -d '/compounds/padded' types-old.h5
HDF5 "types-old.h5" {
DATASET "/compounds/of enum, bits, time" {
   DATATYPE  H5T_COMPOUND {
      H5T_ENUM {
         H5T_STD_I16LE;
         "RED"              -2;
         "GREEN"            1;
         "BLUE"             4;
         "with "quotes""    7;
      } "color";
      H5T_STD_B16LE "bits";
      H5T_TIME: not yet implemented "time";
   }
   DATASPACE  SIMPLE { ( 5 ) / ( 5 ) }
   DATA {
   }
}
DATASET "/compounds/padded" {
   DATATYPE  H5T_COMPOUND {
      H5T_STD_I8LE "a";
      H5T_IEEE_F64LE "b";
      H5T_ARRAY { [2] H5T_COMPOUND {
         H5T_STD_U16BE "x";
         H5T_IEEE_F32LE "y";
      } } "c with blanks";
      H5T_STRING {
         STRSIZE 9;
         STRPAD H5T_STR_NULLTERM;
         CSET H5T_CSET_ASCII;
         CTYPE H5T_C_S1;
      } "s";
   }
   DATASPACE  SIMPLE { ( 5 ) / ( 5 ) }
   DATA {
   (0): {
         5,
         9.16474e+258,
         [ {
               26101,
               -1.13221e-13
            }, {
               27775,
               4.7857e-15
            } ],
         "O\001vJ\37777777622\37777777766\003\37777777707M"
      },
   (1): {
         117,
         1.08915e-131,
         [ {
               44889,
               2.31687e-11
            }, {
               7783,
               1.07598
            } ],
         "\37777777720_\37777777725\37777777661\37777777607\37777777745\37777777641\37777777753b"
      },
   (2): {
         70,
         -1.5707e+189,
         [ {
               26164,
               2.34936e-38
            }, {
               43013,
               -1.96612e+25
            } ],
         "V\37777777756\37777777747/\37777777671\37777777632kX\37777777772"
      },
   (3): {
         29,
         2.67475e-156,
         [ {
               20271,
               -1.1025e+19
            }, {
               16362,
               5.19245e-38
            } ],
         "\377777777058\003T\37777777627a\37777777655\37777777671\036"
      },
   (4): {
         81,
         6.25163e-37,
         [ {
               13494,
               2.51281e+26
            }, {
               25847,
               -0.000481666
            } ],
         "\37777777657c\37777777725\37777777605\37777777725\37777777644\37777777676\37777777666\37777777762"
      }
   }
}
}

$ dump -d /strings -d /vlen -d /complex64 h5py.h5
HDF5 "h5py.h5" {
DATASET "/strings" {
   DATATYPE  H5T_STRING {
      STRSIZE H5T_VARIABLE;
      STRPAD H5T_STR_NULLTERM;
      CSET H5T_CSET_UTF8;
      CTYPE H5T_C_S1;
   }
   DATASPACE  SIMPLE { ( 3 ) / ( 3 ) }
   DATA {
   (0): "a", "", "\37777777742\37777777602\37777777654"
   }
}
DATASET "/vlen" {
   DATATYPE  H5T_VLEN { H5T_STD_I32LE }
   DATASPACE  SIMPLE { ( 2 ) / ( 2 ) }
   DATA {
   (0): (0, 1, 2), ()
   }
}
DATASET "/complex64" {
   DATATYPE  H5T_COMPOUND {
      H5T_IEEE_F32LE "r";
      H5T_IEEE_F32LE "i";
   }
   DATASPACE  SIMPLE { ( 2 ) / ( 2 ) }
   DATA {
   (0): {
         1,
         2
      }, {
         -0,
         -3
      }
   }
}
}

$ dump -d /bool -d /enum -d /empty h5py.h5
HDF5 "h5py.h5" {
DATASET "/bool" {
   DATATYPE  H5T_ENUM {
      H5T_STD_I8LE;
      "FALSE"            0;
      "TRUE"             1;
   }
   DATASPACE  SIMPLE { ( 3 ) / ( 3 ) }
   DATA {
   (0): TRUE, FALSE, TRUE
   }
}
DATASET "/enum" {
   DATATYPE  H5T_ENUM {
      H5T_STD_I8LE;
      "A"                0;
      "B"                1;
      "C"                2;
   }
   DATASPACE  SIMPLE { ( 3 ) / ( 3 ) }
   DATA {
   (0): A, C, B
   }
}
DATASET "/empty" {
   DATATYPE  H5T_IEEE_F32LE
   DATASPACE  NULL
   DATA {
   }
}
}

$ dump -r -d '/integers/standard00' types-old.h5
HDF5 "types-old.h5" {
DATASET "/integers/standard00" {
   DATATYPE  H5T_STD_I8LE
   DATASPACE  SIMPLE { ( 5 ) / ( 5 ) }
   DATA {
      "\005\004\37777777613\37777777642\37777777750"
   }
}
}

$ dump -e -d '/tab	here' -H pit-names-old.h5
HDF5 "pit-names-old.h5" {
DATASET "/tab	here" {
   DATATYPE  H5T_STD_I32LE
   DATASPACE  SIMPLE { ( 4 ) / ( 4 ) }
   ATTRIBUTE "Pressure" {
      DATATYPE  H5T_STD_I32LE
      DATASPACE  SCALAR
   }
   ATTRIBUTE "PressureExtra" {
      DATATYPE  H5T_STD_I32LE
      DATASPACE  SCALAR
   }
}
}

# Packed bits.
$ dump -d /integers/standard00 -M 0,4,4,4 types-old.h5
HDF5 "types-old.h5" {
DATASET "/integers/standard00" {
   DATATYPE  H5T_STD_I8LE
   DATASPACE  SIMPLE { ( 5 ) / ( 5 ) }
   PACKED_BITS OFFSET=0 LENGTH=4
   DATA {
   (0): 5, 4, 11, 2, 8
   }
   PACKED_BITS OFFSET=4 LENGTH=4
   DATA {
   (0): 0, 0, 8, 10, 14
   }
}
}

$ dump -d /integers/standard00 -M 7,2 types-old.h5
HDF5 "types-old.h5" {
DATASET "/integers/standard00" {
   DATATYPE  H5T_STD_I8LE
   DATASPACE  SIMPLE { ( 5 ) / ( 5 ) }
   PACKED_BITS OFFSET=7 LENGTH=2
   DATA {
   (0): 0, 0, 0, 0, 0
   }
}
}

$ dump -d /integers/standard00 -M 0,1,1,1,2,1,3,1,4,1,5,1,6,1,7,1,0,8 types-old.h5
= 1

$ dump -d /integers/standard00 -M 1 types-old.h5
= 1

$ dump -M 0,1 types-old.h5
= 1

# References.
$ dump -d objects refs-old.h5
HDF5 "refs-old.h5" {
DATASET "objects" {
   DATATYPE  H5T_REFERENCE { H5T_STD_REF_OBJECT }
   DATASPACE  SIMPLE { ( 5 ) / ( 5 ) }
   DATA {
      GROUP "refs-old.h5/"
      DATASET "refs-old.h5/group/again"
         DATA {
         (0,0): 0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
         (1,0): 10, 11, 12, 13, 14, 15, 16, 17, 18, 19,
         (2,0): 20, 21, 22, 23, 24, 25, 26, 27, 28, 29,
         (3,0): 30, 31, 32, 33, 34, 35, 36, 37, 38, 39,
         (4,0): 40, 41, 42, 43, 44, 45, 46, 47, 48, 49,
         (5,0): 50, 51, 52, 53, 54, 55, 56, 57, 58, 59,
         (6,0): 60, 61, 62, 63, 64, 65, 66, 67, 68, 69,
         (7,0): 70, 71, 72, 73, 74, 75, 76, 77, 78, 79,
         (8,0): 80, 81, 82, 83, 84, 85, 86, 87, 88, 89,
         (9,0): 90, 91, 92, 93, 94, 95, 96, 97, 98, 99,
         (10,0): 100, 101, 102, 103, 104, 105, 106, 107, 108, 109,
         (11,0): 110, 111, 112, 113, 114, 115, 116, 117, 118, 119
         }
      DATASET "refs-old.h5/group/again"
         DATA {
         (0,0): 0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
         (1,0): 10, 11, 12, 13, 14, 15, 16, 17, 18, 19,
         (2,0): 20, 21, 22, 23, 24, 25, 26, 27, 28, 29,
         (3,0): 30, 31, 32, 33, 34, 35, 36, 37, 38, 39,
         (4,0): 40, 41, 42, 43, 44, 45, 46, 47, 48, 49,
         (5,0): 50, 51, 52, 53, 54, 55, 56, 57, 58, 59,
         (6,0): 60, 61, 62, 63, 64, 65, 66, 67, 68, 69,
         (7,0): 70, 71, 72, 73, 74, 75, 76, 77, 78, 79,
         (8,0): 80, 81, 82, 83, 84, 85, 86, 87, 88, 89,
         (9,0): 90, 91, 92, 93, 94, 95, 96, 97, 98, 99,
         (10,0): 100, 101, 102, 103, 104, 105, 106, 107, 108, 109,
         (11,0): 110, 111, 112, 113, 114, 115, 116, 117, 118, 119
         }
      DATATYPE "refs-old.h5/type"
      NULL
   }
}
}

$ dump -d 'in a compound' -A 0 refs-new.h5
HDF5 "refs-new.h5" {
DATASET "in a compound" {
   DATATYPE  H5T_COMPOUND {
      H5T_STD_I32LE "n";
      H5T_REFERENCE { H5T_STD_REF_OBJECT } "object";
      H5T_REFERENCE { H5T_STD_REF_DSETREG } "region";
   }
   DATASPACE  SIMPLE { ( 3 ) / ( 3 ) }
   DATA {
   (0): {
         0,
         GROUP 00000000000048 "/",
         DATASET "/target"
      },
   (1): {
         1,
         DATASET 00000000000179 "/target",
         DATASET "/target"
      },
   (2): {
         2,
         DATASET 00000000000179 "/target",
         DATASET "/target"
      }
   }
}
}

$ dump -d regions -A 0 refs-new.h5
HDF5 "refs-new.h5" {
DATASET "regions" {
   DATATYPE  H5T_REFERENCE { H5T_STD_REF_DSETREG }
   DATASPACE  SIMPLE { ( 8 ) / ( 8 ) }
   DATA {
      DATASET "refs-new.h5/target"
      DATASET "refs-new.h5/target"
      DATASET "refs-new.h5/target"  {
         REGION_TYPE BLOCK  (2,3)-(5,7)
         DATATYPE  H5T_STD_I16LE
         DATASPACE  SIMPLE { ( 12, 10 ) / ( 12, 10 ) }
      }
      DATASET "refs-new.h5/target"  {
         REGION_TYPE BLOCK  (1,2)-(3,3), (1,5)-(3,6), (5,2)-(7,3),
          (5,5)-(7,6)
         DATATYPE  H5T_STD_I16LE
         DATASPACE  SIMPLE { ( 12, 10 ) / ( 12, 10 ) }
      }
      DATASET "refs-new.h5/target"  {
         REGION_TYPE BLOCK  (0,0)-(1,2), (2,0)-(2,5), (3,2)-(6,5),
          (10,0)-(11,9)
         DATATYPE  H5T_STD_I16LE
         DATASPACE  SIMPLE { ( 12, 10 ) / ( 12, 10 ) }
      }
      DATASET "refs-new.h5/target"  {
         REGION_TYPE BLOCK  (0,0)-(3,9), (4,0)-(5,3), (4,6)-(5,9),
          (6,0)-(11,9)
         DATATYPE  H5T_STD_I16LE
         DATASPACE  SIMPLE { ( 12, 10 ) / ( 12, 10 ) }
      }
      DATASET "refs-new.h5/target" {
         REGION_TYPE POINT  (3,4), (0,0), (11,9), (3,4), (2,8)
         DATATYPE  H5T_STD_I16LE
         DATASPACE  SIMPLE { ( 12, 10 ) / ( 12, 10 ) }
      }
      NULL
   }
}
}

$ dump -R -d regions -A 0 refs-old.h5
HDF5 "refs-old.h5" {
DATASET "regions" {
   DATATYPE  H5T_REFERENCE { H5T_STD_REF_DSETREG }
   DATASPACE  SIMPLE { ( 8 ) / ( 8 ) }
   DATA {
      DATASET "refs-old.h5/group/again"
      DATASET "refs-old.h5/group/again"
      DATASET "refs-old.h5/group/again"  {
         REGION_TYPE BLOCK  (2,3)-(5,7)
         DATATYPE  H5T_STD_I16LE
         DATASPACE  SIMPLE { ( 12, 10 ) / ( 12, 10 ) }
         DATA {
            23, 24, 25, 26, 27,
            33, 34, 35, 36, 37,
            43, 44, 45, 46, 47,
            53, 54, 55, 56, 57
         }
      }
      DATASET "refs-old.h5/group/again"  {
         REGION_TYPE BLOCK  (1,2)-(3,3), (1,5)-(3,6), (5,2)-(7,3),
          (5,5)-(7,6)
         DATATYPE  H5T_STD_I16LE
         DATASPACE  SIMPLE { ( 12, 10 ) / ( 12, 10 ) }
         DATA {
            12, 13,
            22, 23,
            32, 33,
            15, 16,
            25, 26,
            35, 36,
            52, 53,
            62, 63,
            72, 73,
            55, 56,
            65, 66,
            75, 76
         }
      }
      DATASET "refs-old.h5/group/again"  {
         REGION_TYPE BLOCK  (0,0)-(1,2), (2,0)-(2,5), (3,2)-(6,5),
          (10,0)-(11,9)
         DATATYPE  H5T_STD_I16LE
         DATASPACE  SIMPLE { ( 12, 10 ) / ( 12, 10 ) }
         DATA {
            0, 1, 2,
            10, 11, 12,
            20, 21, 22, 23, 24, 25,
            32, 33, 34, 35,
            42, 43, 44, 45,
            52, 53, 54, 55,
            62, 63, 64, 65,
            100, 101, 102, 103, 104, 105, 106, 107, 108, 109,
            110, 111, 112, 113, 114, 115, 116, 117, 118, 119
         }
      }
      DATASET "refs-old.h5/group/again"  {
         REGION_TYPE BLOCK  (0,0)-(3,9), (4,0)-(5,3), (4,6)-(5,9),
          (6,0)-(11,9)
         DATATYPE  H5T_STD_I16LE
         DATASPACE  SIMPLE { ( 12, 10 ) / ( 12, 10 ) }
         DATA {
            0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
            10, 11, 12, 13, 14, 15, 16, 17, 18, 19,
            20, 21, 22, 23, 24, 25, 26, 27, 28, 29,
            30, 31, 32, 33, 34, 35, 36, 37, 38, 39,
            40, 41, 42, 43,
            50, 51, 52, 53,
            46, 47, 48, 49,
            56, 57, 58, 59,
            60, 61, 62, 63, 64, 65, 66, 67, 68, 69,
            70, 71, 72, 73, 74, 75, 76, 77, 78, 79,
            80, 81, 82, 83, 84, 85, 86, 87, 88, 89,
            90, 91, 92, 93, 94, 95, 96, 97, 98, 99,
            100, 101, 102, 103, 104, 105, 106, 107, 108, 109,
            110, 111, 112, 113, 114, 115, 116, 117, 118, 119
         }
      }
      DATASET "refs-old.h5/group/again" {
         REGION_TYPE POINT  (3,4), (0,0), (11,9), (3,4), (2,8)
         DATATYPE  H5T_STD_I16LE
         DATASPACE  SIMPLE { ( 12, 10 ) / ( 12, 10 ) }
         DATA {
            34,
            0,
            119,
            34,
            28
         }
      }
      NULL
   }
}
}

# Links, and what they lead to.
$ dump links-source.h5
HDF5 "links-source.h5" {
GROUP "/" {
   SOFTLINK "a1" {
      LINKTARGET "/a2"
   }
   SOFTLINK "a2" {
      LINKTARGET "/a1"
   }
   EXTERNAL_LINK "away" {
      TARGETFILE "links-target.h5"
      TARGETPATH "/there"
         GROUP "/there" {
            EXTERNAL_LINK "back" {
               TARGETFILE "links-source.h5"
               TARGETPATH "/local"
            }
            DATASET "data" {
               DATATYPE  H5T_STD_I32LE
               DATASPACE  SIMPLE { ( 4 ) / ( 4 ) }
               DATA {
               (0): 0, 1, 2, 3
               }
            }
         }
   }
   DATASET "local" {
      DATATYPE  H5T_STD_I16LE
      DATASPACE  SIMPLE { ( 4 ) / ( 4 ) }
      DATA {
      (0): 0, 1, 2, 3
      }
   }
   EXTERNAL_LINK "missing" {
      TARGETFILE "links-missing.h5"
      TARGETPATH "/there"
   }
   SOFTLINK "through" {
      LINKTARGET "/away/data"
   }
}
}

$ dump -H groups-new.h5
+ head -30
HDF5 "groups-new.h5" {
GROUP "/" {
   GROUP "a" {
      GROUP "b" {
         GROUP "c" {
            GROUP "d" {
            }
         }
      }
   }
   GROUP "compact" {
      SOFTLINK "0" {
         LINKTARGET "/target/0"
      }
      SOFTLINK "1" {
         LINKTARGET "/target/4"
      }
      SOFTLINK "2" {
         LINKTARGET "/target/3"
      }
      SOFTLINK "3" {
         LINKTARGET "/target/2"
      }
      SOFTLINK "4" {
         LINKTARGET "/target/1"
      }
      EXTERNAL_LINK "external" {
         TARGETFILE "other.h5"
         TARGETPATH "/there"
      }

# Files that refer to others, or come in pieces.
$ dump -pH vds.h5
+ head -90
HDF5 "vds.h5" {
GROUP "/" {
   DATASET "base" {
      DATATYPE  H5T_STD_I16BE
      DATASPACE  SIMPLE { ( 12, 10 ) / ( 12, 10 ) }
      STORAGE_LAYOUT {
         CONTIGUOUS
         SIZE 240
         OFFSET 6144
      }
      FILTERS {
         NONE
      }
      FILLVALUE {
         FILL_TIME H5D_FILL_TIME_IFSET
         VALUE  H5D_FILL_VALUE_DEFAULT
      }
      ALLOCATION_TIME {
         H5D_ALLOC_TIME_LATE
      }
   }
   DATASET "growing" {
      DATATYPE  H5T_STD_I32LE
      DATASPACE  SIMPLE { ( 3, 4 ) / ( H5S_UNLIMITED, 4 ) }
      STORAGE_LAYOUT {
         MAPPING 0 { 
            VIRTUAL {
               SELECTION REGULAR_HYPERSLAB { 
                  START (0,0)
                  STRIDE (1,1)
                  COUNT (1,1)
                  BLOCK (H5S_UNLIMITED,4)
               }
            }
            SOURCE {
               FILE "vds-source-1.h5"
               DATASET "part"
               SELECTION REGULAR_HYPERSLAB { 
                  START (0,0)
                  STRIDE (1,1)
                  COUNT (1,1)
                  BLOCK (H5S_UNLIMITED,4)
               }
            }
         }
      }
      FILLVALUE {
         FILL_TIME H5D_FILL_TIME_IFSET
         VALUE  -4
      }
   }
   DATASET "no mappings" {
      DATATYPE  H5T_STD_I32LE
      DATASPACE  SIMPLE { ( 12, 10 ) / ( 12, 10 ) }
      STORAGE_LAYOUT {
      }
      FILLVALUE {
         FILL_TIME H5D_FILL_TIME_IFSET
         VALUE  -6
      }
   }
   DATASET "numbered" {
      DATATYPE  H5T_STD_I32LE
      DATASPACE  SIMPLE { ( 9, 4 ) / ( H5S_UNLIMITED, 4 ) }
      STORAGE_LAYOUT {
         MAPPING 0 { 
            VIRTUAL {
               SELECTION REGULAR_HYPERSLAB { 
                  START (0,0)
                  STRIDE (3,1)
                  COUNT (H5S_UNLIMITED,1)
                  BLOCK (3,4)
               }
            }
            SOURCE {
               FILE "vds-source-%b.h5"
               DATASET "part"
               SELECTION ALL
            }
         }
      }
      FILLVALUE {
         FILL_TIME H5D_FILL_TIME_IFSET
         VALUE  -5
      }
   }
   DATASET "of a virtual one" {
      DATATYPE  H5T_STD_I32LE
      DATASPACE  SIMPLE { ( 6, 8 ) / ( 6, 8 ) }
      STORAGE_LAYOUT {

$ dump -d /numbered vds.h5
HDF5 "vds.h5" {
DATASET "/numbered" {
   DATATYPE  H5T_STD_I32LE
   DATASPACE  SIMPLE { ( 9, 4 ) / ( H5S_UNLIMITED, 4 ) }
   DATA {
   (0,0): 0, 1, 2, 3,
   (1,0): 4, 5, 6, 7,
   (2,0): 8, 9, 10, 11,
   (3,0): 0, 1, 2, 3,
   (4,0): 4, 5, 6, 7,
   (5,0): 8, 9, 10, 11,
   (6,0): 0, 1, 2, 3,
   (7,0): 4, 5, 6, 7,
   (8,0): 8, 9, 10, 11
   }
}
}

$ dump -v -d /numbered vds.h5
HDF5 "vds.h5" {
DATASET "/numbered" {
   DATATYPE  H5T_STD_I32LE
   DATASPACE  SIMPLE { ( 9, 4 ) / ( H5S_UNLIMITED, 4 ) }
   DATA {
   (0,0): 0, 1, 2, 3,
   (1,0): 4, 5, 6, 7,
   (2,0): 8, 9, 10, 11,
   (3,0): 0, 1, 2, 3,
   (4,0): 4, 5, 6, 7,
   (5,0): 8, 9, 10, 11,
   (6,0): 0, 1, 2, 3,
   (7,0): 4, 5, 6, 7,
   (8,0): 8, 9, 10, 11
   }
}
}

$ dump -p external.h5
HDF5 "external.h5" {
GROUP "/" {
   DATASET "missing" {
      DATATYPE  H5T_STD_I32LE
      DATASPACE  SIMPLE { ( 6, 5 ) / ( 6, 5 ) }
      STORAGE_LAYOUT {
         CONTIGUOUS
         EXTERNAL {
            FILENAME external-missing.raw SIZE 120 OFFSET 0
         }
      }
      FILTERS {
         NONE
      }
      FILLVALUE {
         FILL_TIME H5D_FILL_TIME_IFSET
         VALUE  H5D_FILL_VALUE_DEFAULT
      }
      ALLOCATION_TIME {
         H5D_ALLOC_TIME_LATE
      }
      DATA {
      }
   }
   DATASET "open end" {
      DATATYPE  H5T_STD_I16BE
      DATASPACE  SIMPLE { ( 6, 5 ) / ( H5S_UNLIMITED, 5 ) }
      STORAGE_LAYOUT {
         CONTIGUOUS
         EXTERNAL {
            FILENAME external-2.raw SIZE 60 OFFSET 30
            FILENAME external-1.raw SIZE 18446744073709551615 OFFSET 0
         }
      }
      FILTERS {
         NONE
      }
      FILLVALUE {
         FILL_TIME H5D_FILL_TIME_IFSET
         VALUE  H5D_FILL_VALUE_DEFAULT
      }
      ALLOCATION_TIME {
         H5D_ALLOC_TIME_LATE
      }
      DATA {
      (0,0): 20225, 30282, -27914, 967, 19794,
      (1,0): -2933, -21848, -24791, -4668, 30137,
      (2,0): 21686, -27710, 28980, 29867, -31265,
      (3,0): 25836, -16860, -20647, 23499, -13523,
      (4,0): 7783, -8263, -30401, 25822, -12193,
      (5,0): -10831, -30747, -24085, 25288, -11496
      }
   }
   DATASET "pieces" {
      DATATYPE  H5T_STD_I32LE
      DATASPACE  SIMPLE { ( 6, 5 ) / ( 6, 5 ) }
      STORAGE_LAYOUT {
         CONTIGUOUS
         EXTERNAL {
            FILENAME external-1.raw SIZE 50 OFFSET 10
            FILENAME external-2.raw SIZE 40 OFFSET 0
            FILENAME external-1.raw SIZE 60 OFFSET 100
         }
      }
      FILTERS {
         NONE
      }
      FILLVALUE {
         FILL_TIME H5D_FILL_TIME_IFSET
         VALUE  H5D_FILL_VALUE_DEFAULT
      }
      ALLOCATION_TIME {
         H5D_ALLOC_TIME_LATE
      }
      DATA {
      (0,0): 318225930, -177900109, -1442909337, 1816756076, -636082260,
      (1,0): 1249247567, -956041582, -1946922419, 698329258, -1183464211,
      (2,0): -1030506924, -1418447759, 67493765, 485008011, -929526658,
      (3,0): 318225930, -177900109, -1442909337, 1816756076, -636082260,
      (4,0): 1249247567, -956041582, 1210995277, -1211734815, -1881687017,
      (5,0): 879159094, 16765613, 458884520, 1308420482, 803728982
      }
   }
   DATASET "short" {
      DATATYPE  H5T_STD_I32LE
      DATASPACE  SIMPLE { ( 6, 5 ) / ( 6, 5 ) }
      STORAGE_LAYOUT {
         CONTIGUOUS
         EXTERNAL {
            FILENAME external-2.raw SIZE 120 OFFSET 80
         }
      }
      FILTERS {
         NONE
      }
      FILLVALUE {
         FILL_TIME H5D_FILL_TIME_IFSET
         VALUE  H5D_FILL_VALUE_DEFAULT
      }
      ALLOCATION_TIME {
         H5D_ALLOC_TIME_LATE
      }
      DATA {
      (0,0): -444091947, -933041247, 6355, 0, 0,
      (1,0): 0, 0, 0, 0, 0,
      (2,0): 0, 0, 0, 0, 0,
      (3,0): 0, 0, 0, 0, 0,
      (4,0): 0, 0, 0, 0, 0,
      (5,0): 0, 0, 0, 0, 0
      }
   }
}
}
= 1

$ dump -f family -H family-%02d.h5
HDF5 "family-%02d.h5" {
GROUP "/" {
   DATASET "chunked" {
      DATATYPE  H5T_STD_I16BE
      DATASPACE  SIMPLE { ( 6, 5 ) / ( 6, 5 ) }
   }
   DATASET "contiguous" {
      DATATYPE  H5T_STD_I32LE
      DATASPACE  SIMPLE { ( 6, 5 ) / ( 6, 5 ) }
   }
   GROUP "group" {
      ATTRIBUTE "answer" {
         DATATYPE  H5T_STD_I32LE
         DATASPACE  SCALAR
      }
      DATASET "hard" {
         HARDLINK "/chunked"
      }
      SOFTLINK "soft" {
         LINKTARGET "/contiguous"
      }
      DATASET "strings" {
         DATATYPE  H5T_STRING {
            STRSIZE H5T_VARIABLE;
            STRPAD H5T_STR_NULLTERM;
            CSET H5T_CSET_ASCII;
            CTYPE H5T_C_S1;
         }
         DATASPACE  SIMPLE { ( 3 ) / ( 3 ) }
      }
   }
}
}

$ dump --filedriver=split -H split
HDF5 "split" {
GROUP "/" {
   DATASET "chunked" {
      DATATYPE  H5T_STD_I16BE
      DATASPACE  SIMPLE { ( 6, 5 ) / ( 6, 5 ) }
   }
   DATASET "contiguous" {
      DATATYPE  H5T_STD_I32LE
      DATASPACE  SIMPLE { ( 6, 5 ) / ( 6, 5 ) }
   }
   GROUP "group" {
      ATTRIBUTE "answer" {
         DATATYPE  H5T_STD_I32LE
         DATASPACE  SCALAR
      }
      DATASET "hard" {
         HARDLINK "/chunked"
      }
      SOFTLINK "soft" {
         LINKTARGET "/contiguous"
      }
      DATASET "strings" {
         DATATYPE  H5T_STRING {
            STRSIZE H5T_VARIABLE;
            STRPAD H5T_STR_NULLTERM;
            CSET H5T_CSET_ASCII;
            CTYPE H5T_C_S1;
         }
         DATASPACE  SIMPLE { ( 3 ) / ( 3 ) }
      }
   }
}
}

$ dump --vfd-name=multi -H multi
HDF5 "multi" {
GROUP "/" {
   DATASET "chunked" {
      DATATYPE  H5T_STD_I16BE
      DATASPACE  SIMPLE { ( 6, 5 ) / ( 6, 5 ) }
   }
   DATASET "contiguous" {
      DATATYPE  H5T_STD_I32LE
      DATASPACE  SIMPLE { ( 6, 5 ) / ( 6, 5 ) }
   }
   GROUP "group" {
      ATTRIBUTE "answer" {
         DATATYPE  H5T_STD_I32LE
         DATASPACE  SCALAR
      }
      DATASET "hard" {
         HARDLINK "/chunked"
      }
      SOFTLINK "soft" {
         LINKTARGET "/contiguous"
      }
      DATASET "strings" {
         DATATYPE  H5T_STRING {
            STRSIZE H5T_VARIABLE;
            STRPAD H5T_STR_NULLTERM;
            CSET H5T_CSET_ASCII;
            CTYPE H5T_C_S1;
         }
         DATASPACE  SIMPLE { ( 3 ) / ( 3 ) }
      }
   }
}
}

# Values to a file, as text and as bytes.
$ dump -O -d /sample/temperature demo.h5
\
   (0): 295, 297.143, 299.286, 301.429, 303.571, 305.714, 307.857, 310

$ dump -o /dev/null -d /sample/temperature demo.h5
HDF5 "demo.h5" {
DATASET "/sample/temperature" {
   DATATYPE  H5T_IEEE_F64LE
   DATASPACE  SIMPLE { ( 8 ) / ( 8 ) }
   DATA {
   }
}
}

$ dump -o -d /sample/temperature demo.h5
HDF5 "demo.h5" {
DATASET "/sample/temperature" {
   DATATYPE  H5T_IEEE_F64LE
   DATASPACE  SIMPLE { ( 8 ) / ( 8 ) }
   DATA {
   }
}
}

$ dump -O -d /sample/temperature -b LE -o /dev/stdout demo.h5
+ od -An -v -tx1
 00 00 00 00 00 70 72 40 25 49 92 24 49 92 72 40
 49 92 24 49 92 b4 72 40 6e db b6 6d db d6 72 40
 92 24 49 92 24 f9 72 40 b7 6d db b6 6d 1b 73 40
 db b6 6d db b6 3d 73 40 00 00 00 00 00 60 73 40

$ dump -O -d /sample/temperature -b BE -o /dev/stdout demo.h5
+ od -An -v -tx1
 40 72 70 00 00 00 00 00 40 72 92 49 24 92 49 25
 40 72 b4 92 49 24 92 49 40 72 d6 db 6d b6 db 6e
 40 72 f9 24 92 49 24 92 40 73 1b 6d b6 db 6d b7
 40 73 3d b6 db 6d b6 db 40 73 60 00 00 00 00 00

$ dump -O -d /sample/name -o /dev/stdout --binary=FILE demo.h5
+ od -An -c
   L   a   B   6

$ dump -b -d /sample/name demo.h5
= 1

$ dump -b XX -o /dev/null demo.h5
= 1

# Order.
$ dump -H -q creation_order -z descending attrs-order.h5
+ grep -E 'GROUP|ATTR' | head -20
GROUP "/" {
   GROUP "tracked, dense" {
      ATTRIBUTE "attribute 11" {
      ATTRIBUTE "attribute 10" {
      ATTRIBUTE "attribute 9" {
      ATTRIBUTE "attribute 8" {
      ATTRIBUTE "attribute 7" {
      ATTRIBUTE "attribute 6" {
      ATTRIBUTE "attribute 5" {
      ATTRIBUTE "attribute 4" {
      ATTRIBUTE "attribute 3" {
      ATTRIBUTE "attribute 2" {
      ATTRIBUTE "attribute 0" {
   GROUP "tracked, compact" {
      ATTRIBUTE "attribute 3" {
      ATTRIBUTE "attribute 4" {
      ATTRIBUTE "attribute 2" {
      ATTRIBUTE "attribute 0" {
   GROUP "indexed, dense" {
      ATTRIBUTE "attribute 11" {

$ dump -H -z descending demo.h5
+ grep -E 'GROUP|DATASET|LINK'
GROUP "/" {
   GROUP "sample" {
      DATASET "temperature" {
      DATASET "name" {
      DATASET "log" {
      EXTERNAL_LINK "calibration" {
   GROUP "detector" {
      DATASET "mask" {
      SOFTLINK "latest" {
         LINKTARGET "/detector/images"
      DATASET "images" {

$ dump -q size demo.h5
= 1

# XML.
$ dump -x -H demo.h5
+ head -100
<?xml version="1.0" encoding="UTF-8"?>
<hdf5:HDF5-File xmlns:hdf5="http://hdfgroup.org/HDF5/XML/schema/HDF5-File.xsd" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://hdfgroup.org/HDF5/XML/schema/HDF5-File http://www.hdfgroup.org/HDF5/XML/schema/HDF5-File.xsd">
<hdf5:RootGroup OBJ-XID="xid_48" H5Path="/">
   <hdf5:Attribute Name="sites">
      <hdf5:Dataspace>
         <hdf5:SimpleDataspace Ndims="1">
            <hdf5:Dimension  DimSize="2" MaxDimSize="2"/>
         </hdf5:SimpleDataspace>
      </hdf5:Dataspace>
      <hdf5:DataType>
         <hdf5:AtomicType>
            <hdf5:FloatType ByteOrder="LE" Size="8" SignBitLocation="63" ExponentBits="11" ExponentLocation="52" MantissaBits="52" MantissaLocation="0" />
         </hdf5:AtomicType>
      </hdf5:DataType>
      <hdf5:Data>
         <hdf5:NoData/>
      </hdf5:Data>
   </hdf5:Attribute>
   <hdf5:Attribute Name="title">
      <hdf5:Dataspace>
         <hdf5:ScalarDataspace />
      </hdf5:Dataspace>
      <hdf5:DataType>
         <hdf5:AtomicType>
            <hdf5:StringType Cset="unknown_cset" StrSize="H5T_VARIABLE" StrPad="H5T_STR_NULLTERM"/>
         </hdf5:AtomicType>
      </hdf5:DataType>
      <hdf5:Data>
         <hdf5:NoData/>
      </hdf5:Data>
   </hdf5:Attribute>
   <hdf5:Group Name="detector" OBJ-XID="xid_243" H5Path="/detector" Parents="xid_48" H5ParentPaths="/" >
      <hdf5:Dataset Name="images" OBJ-XID="xid_475" H5Path= "/detector/images" Parents="xid_243" H5ParentPaths="/detector">
         <hdf5:StorageLayout>
            <hdf5:ChunkedLayout Ndims="3">
               <hdf5:ChunkDimension DimSize="1" />
               <hdf5:ChunkDimension DimSize="16" />
               <hdf5:ChunkDimension DimSize="16" />
               <hdf5:RequiredFilter>
                     <hdf5:Shuffle />
                     <hdf5:Deflate Level="6"/>
                     <hdf5:Fletcher32 />
               </hdf5:RequiredFilter>
            </hdf5:ChunkedLayout>
         </hdf5:StorageLayout>
         <hdf5:FillValueInfo FillTime="FillOnAlloc" AllocationTime="Incremental">
            <hdf5:FillValue>
               <hdf5:Data>
                  <hdf5:DataFromFile>
                  "0"
                  </hdf5:DataFromFile>
               </hdf5:Data>
            </hdf5:FillValue>
         </hdf5:FillValueInfo>
         <hdf5:Dataspace>
            <hdf5:SimpleDataspace Ndims="3">
               <hdf5:Dimension  DimSize="8" MaxDimSize="UNLIMITED"/>
               <hdf5:Dimension  DimSize="32" MaxDimSize="32"/>
               <hdf5:Dimension  DimSize="32" MaxDimSize="32"/>
            </hdf5:SimpleDataspace>
         </hdf5:Dataspace>
         <hdf5:DataType>
            <hdf5:AtomicType>
               <hdf5:IntegerType ByteOrder="LE" Sign="false" Size="2" />
            </hdf5:AtomicType>
         </hdf5:DataType>
         <hdf5:Attribute Name="exposure">
            <hdf5:Dataspace>
               <hdf5:ScalarDataspace />
            </hdf5:Dataspace>
            <hdf5:DataType>
               <hdf5:AtomicType>
                  <hdf5:FloatType ByteOrder="LE" Size="8" SignBitLocation="63" ExponentBits="11" ExponentLocation="52" MantissaBits="52" MantissaLocation="0" />
               </hdf5:AtomicType>
            </hdf5:DataType>
            <hdf5:Data>
               <hdf5:NoData/>
            </hdf5:Data>
         </hdf5:Attribute>
         <hdf5:Attribute Name="unit">
            <hdf5:Dataspace>
               <hdf5:ScalarDataspace />
            </hdf5:Dataspace>
            <hdf5:DataType>
               <hdf5:AtomicType>
                  <hdf5:StringType Cset="unknown_cset" StrSize="H5T_VARIABLE" StrPad="H5T_STR_NULLTERM"/>
               </hdf5:AtomicType>
            </hdf5:DataType>
            <hdf5:Data>
               <hdf5:NoData/>
            </hdf5:Data>
         </hdf5:Attribute>
         <hdf5:Data>
            <hdf5:NoData/>
         </hdf5:Data>
      </hdf5:Dataset>
      <hdf5:SoftLink LinkName="latest" OBJ-XID="xid_475" H5SourcePath="/detector/latest" TargetPath="/detector/images" TargetObj="xid_475" Parents="xid_243" H5ParentPaths="/detector" />
      <hdf5:Dataset Name="mask" OBJ-XID="xid_877" H5Path= "/detector/mask" Parents="xid_243" H5ParentPaths="/detector">
         <hdf5:StorageLayout>
            <hdf5:ContiguousLayout/>

$ dump --use-dtd links-source.h5
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE HDF5-File PUBLIC "HDF5-File.dtd" "http://www.hdfgroup.org/HDF5/XML/DTD/HDF5-File.dtd">
<HDF5-File>
<RootGroup OBJ-XID="xid_48" H5Path="/">
   <SoftLink LinkName="a1" OBJ-XID="xid_18446744073709551614" H5SourcePath="/a1" TargetPath="/a2"  Parents="xid_48" H5ParentPaths="/" />
   <SoftLink LinkName="a2" OBJ-XID="xid_18446744073709551613" H5SourcePath="/a2" TargetPath="/a1"  Parents="xid_48" H5ParentPaths="/" />
   <ExternalLink LinkName="away" OBJ-XID="xid_18446744073709551612" H5SourcePath="/away" TargetFilename="links-target.h5"  TargetPath="/there"  Parents="xid_48" H5ParentPaths="/" />
   <Dataset Name="local" OBJ-XID="xid_179" H5Path= "/local" Parents="xid_48" H5ParentPaths="/">
      <StorageLayout>
         <ContiguousLayout/>
      </StorageLayout>
      <FillValueInfo FillTime="FillIfSet" AllocationTime="Late">
         <FillValue>
            <NoFill/>
         </FillValue>
      </FillValueInfo>
      <Dataspace>
         <SimpleDataspace Ndims="1">
            <Dimension  DimSize="4" MaxDimSize="4"/>
         </SimpleDataspace>
      </Dataspace>
      <DataType>
         <AtomicType>
            <IntegerType ByteOrder="LE" Sign="true" Size="2" />
         </AtomicType>
      </DataType>
      <Data>
         <DataFromFile>
         0
         1
         2
         3
         </DataFromFile>
      </Data>
   </Dataset>
   <ExternalLink LinkName="missing" OBJ-XID="xid_18446744073709551611" H5SourcePath="/missing" TargetFilename="links-missing.h5"  TargetPath="/there"  Parents="xid_48" H5ParentPaths="/" />
   <SoftLink LinkName="through" OBJ-XID="xid_310" H5SourcePath="/through" TargetPath="/away/data" TargetObj="xid_310" Parents="xid_48" H5ParentPaths="/" />
</RootGroup>
</HDF5-File>

$ dump -x --xml-ns=: -D http://example.org/x.xsd empty-sb3.h5
<?xml version="1.0" encoding="UTF-8"?>
<HDF5-File xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="http://example.org/x.xsd">
<RootGroup OBJ-XID="xid_48" H5Path="/">
</RootGroup>
</HDF5-File>

$ dump -x -D http://example.org/x.xsd empty-sb3.h5
= 1

$ dump -x -B empty-sb3.h5
= 1

# Several files, and none.
$ dump -H empty-sb0.h5 empty-sb3.h5
HDF5 "empty-sb0.h5" {
GROUP "/" {
}
}
HDF5 "empty-sb3.h5" {
GROUP "/" {
}
}

$ dump -H empty-sb0.h5 no-such-file.h5 empty-sb3.h5
HDF5 "empty-sb0.h5" {
GROUP "/" {
}
}
HDF5 "empty-sb3.h5" {
GROUP "/" {
}
}
= 1

$ dump
= 1

$ dump -Z demo.h5
= 1

$ dump --width
= 1

$ dump --version --header
+ sed 's/ [0-9.]*$/ VERSION/'
hi5 dump VERSION

