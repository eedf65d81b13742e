/*
 * weather.c - a weather station's readings, with what they are in attributes
 *
 *      weather station.h5
 *
 * Temperature and wind of one station, each a dataset in the station's group, with the
 * sampling interval and the unit beside them.
 */
#include <hi5.h>
#include <stdio.h>

#define N 1024

static int
store(hi5_file *f, const char *path, const float *values, const char *unit,
      hi5_error *err)
{
    const uint64_t n = N;
    const double seconds = 10;
    hi5_dataset *d = NULL;
    hi5_object *o;
    int failed;

    if (hi5_dataset_create(f, path, HI5_F32, 1, &n, NULL, &d, err))
        return 1;
    o = hi5_dataset_object(d);
    failed = hi5_dataset_write(d, NULL, HI5_F32, values, err) ||
             hi5_attribute_write(o, "dt", HI5_F64, NULL, NULL, &seconds, err) ||
             hi5_attribute_write_string(o, "unit", unit, err);
    hi5_dataset_close(d);
    return failed;
}

int
main(int argc, char **argv)
{
    float temperature[N], wind[N];
    hi5_file *f = NULL;
    hi5_error err;
    int failed;

    if (argc != 2)
        return fprintf(stderr, "usage: weather FILE\n"), 2;
    for (int i = 0; i < N; i++) {
        temperature[i] = 18.0f + (float)(i % 100) / 20;
        wind[i] = (float)(i * 7 % 23) / 2;
    }
    failed = hi5_create(argv[1], NULL, &f, &err) ||
             store(f, "/15/temperature", temperature, "degree Celsius", &err) ||
             store(f, "/15/wind", wind, "m/s", &err);
    if (failed)
        fprintf(stderr, "%s\n", err.message);
    if (hi5_close(f, failed ? NULL : &err) && !failed) { /* here it is committed */
        fprintf(stderr, "%s\n", err.message);
        failed = 1;
    }
    return failed;
}
