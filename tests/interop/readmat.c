/*
 * readmat.c - what libmatio reads in a MAT-file, and that it can add to it
 *
 *      readmat FILE
 *
 * Prints the variables with their values; then adds one, `added`.
 */
#include <matio.h>
#include <stdint.h>
#include <stdio.h>

static double
number(const matvar_t *v, size_t i)
{
    switch (v->data_type) {
    case MAT_T_DOUBLE:
        return ((const double *)v->data)[i];
    case MAT_T_SINGLE:
        return (double)((const float *)v->data)[i];
    case MAT_T_INT16:
        return ((const int16_t *)v->data)[i];
    case MAT_T_UINT16:
    case MAT_T_UTF16:
        return ((const uint16_t *)v->data)[i];
    case MAT_T_UINT8:
    case MAT_T_UTF8:
        return ((const uint8_t *)v->data)[i];
    default:
        return -1;
    }
}

static void
put(matvar_t *v, const char *name, unsigned depth)
{
    size_t n = 1;

    printf("%s class %d%s,", name, (int)v->class_type, v->isLogical ? " logical" : "");
    for (int i = 0; i < v->rank; i++) {
        printf(" %zu", v->dims[i]);
        n *= v->dims[i];
    }
    if (v->class_type == MAT_C_STRUCT || v->class_type == MAT_C_CELL) {
        const size_t parts =
            v->class_type == MAT_C_CELL ? n : Mat_VarGetNumberOfFields(v);

        putchar('\n');
        for (size_t i = 0; i < parts && depth < 4; i++) {
            matvar_t *part = v->class_type == MAT_C_CELL
                                 ? Mat_VarGetCell(v, (int)i)
                                 : Mat_VarGetStructFieldByIndex(v, i, 0);

            if (part != NULL)
                put(part,
                    v->class_type == MAT_C_CELL ? "-"
                                                : Mat_VarGetStructFieldnames(v)[i],
                    depth + 1);
        }
        return;
    }
    printf(":");
    for (size_t i = 0; i < n && i < 6; i++)
        printf(" %g", number(v, i));
    if (n > 6)
        printf(" ... %g", number(v, n - 1));
    putchar('\n');
}

int
main(int argc, char **argv)
{
    size_t dims[] = {1, 2};
    double values[] = {7, 8};
    mat_t *mat;
    matvar_t *v;
    int failed;

    if (argc != 2 || (mat = Mat_Open(argv[1], MAT_ACC_RDWR)) == NULL)
        return fprintf(stderr, "readmat: cannot open it\n"), 1;
    while ((v = Mat_VarReadNext(mat)) != NULL) {
        put(v, v->name, 0);
        Mat_VarFree(v);
    }
    v = Mat_VarCreate("added", MAT_C_DOUBLE, MAT_T_DOUBLE, 2, dims, values, 0);
    failed = v == NULL || Mat_VarWrite(mat, v, MAT_COMPRESSION_NONE) != 0;
    Mat_VarFree(v);
    return Mat_Close(mat) != 0 || failed;
}
