#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

#include "limits.h"

struct reading {
    const uint8_t *bytes;
    size_t left;
};

static void read_bytes(png_structp png, png_bytep target, size_t count) {
    struct reading *reading = png_get_io_ptr(png);
    if (count > reading->left) png_error(png, "cut off");
    memcpy(target, reading->bytes, count);
    reading->bytes += count;
    reading->left -= count;
}

static void on_error(png_structp png, png_const_charp words) {
    (void)words;
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp words) {
    (void)png;
    (void)words;
}

cpictures_outcome cpictures_decode_png(const uint8_t *bytes, size_t count, cpictures_limits limits) {
    struct reading reading = {bytes, count};
    png_infop volatile info = NULL;
    png_bytep volatile row = NULL;
    volatile cpictures_outcome outcome = CPICTURES_DAMAGED;

    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL, on_error, on_warning);
    if (png == NULL) return CPICTURES_TOO_LARGE;
    if (setjmp(png_jmpbuf(png)) == 0) {
        info = png_create_info_struct(png);
        if (info == NULL) png_error(png, "no memory");
        png_set_read_fn(png, &reading, read_bytes);
        png_set_crc_action(png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
        // These are checked below, where they are told from damage.
        png_set_user_limits(png, 0x7fffffff, 0x7fffffff);
        png_set_chunk_malloc_max(png, 4 << 20);
        png_read_info(png, info);
        uint32_t height = png_get_image_height(png, info);
        if (!is_within(limits, png_get_image_width(png, info), height)) {
            outcome = CPICTURES_TOO_LARGE;
            png_error(png, "too large");
        }
        int passes = png_set_interlace_handling(png);
        png_read_update_info(png, info);
        row = calloc(1, png_get_rowbytes(png, info));
        if (row == NULL) png_error(png, "no memory");
        for (int pass = 0; pass < passes; pass++) {
            for (uint32_t number = 0; number < height; number++) png_read_row(png, row, NULL);
        }
        png_read_end(png, NULL);
        outcome = CPICTURES_DECODED;
    }
    free(row);
    png_infop made = info;
    png_destroy_read_struct(&png, made == NULL ? NULL : &made, NULL);
    return outcome;
}
