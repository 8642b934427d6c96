#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>
#include <jerror.h>

#include "limits.h"

// A file of this size may have thousands of scans over all pixels; cameras and programs write a dozen.
static const int maximum_scans = 32;

struct failure {
    struct jpeg_error_mgr manager;
    jmp_buf jump;
    cpictures_outcome outcome;
};

struct progress {
    struct jpeg_progress_mgr manager;
    struct failure *failure;
};

static void fail(struct failure *failure, cpictures_outcome outcome) {
    failure->outcome = outcome;
    longjmp(failure->jump, 1);
}

static void on_error(j_common_ptr info) {
    int code = info->err->msg_code;
    // The memory limit is reached where it would begin to use files.
    int is_memory = code == JERR_NO_BACKING_STORE || code == JERR_OUT_OF_MEMORY;
    fail((struct failure *)info->err, is_memory ? CPICTURES_TOO_LARGE : CPICTURES_DAMAGED);
}

static void on_message(j_common_ptr info, int level) {
    if (level >= 0) return;
    switch (info->err->msg_code) {
    // What it would make up for: pixels that are not there.
    case JWRN_JPEG_EOF:
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_ARITH_BAD_CODE:
    case JWRN_MUST_RESYNC:
    case JWRN_TOO_MUCH_DATA:
        fail((struct failure *)info->err, CPICTURES_DAMAGED);
    }
}

static void output_nothing(j_common_ptr info) { (void)info; }

static void on_progress(j_common_ptr info) {
    if (((j_decompress_ptr)info)->input_scan_number > maximum_scans) {
        fail(((struct progress *)info->progress)->failure, CPICTURES_TOO_LARGE);
    }
}

cpictures_outcome cpictures_decode_jpeg(const uint8_t *bytes, size_t count, cpictures_limits limits) {
    struct jpeg_decompress_struct info;
    struct failure failure;
    struct progress progress = {.failure = &failure};
    JSAMPLE *volatile row = NULL;

    info.err = jpeg_std_error(&failure.manager);
    failure.manager.error_exit = on_error;
    failure.manager.emit_message = on_message;
    failure.manager.output_message = output_nothing;
    failure.outcome = CPICTURES_DECODED;
    if (setjmp(failure.jump) != 0) {
        jpeg_destroy_decompress(&info);
        free(row);
        return failure.outcome;
    }
    jpeg_create_decompress(&info);
    progress.manager.progress_monitor = on_progress;
    info.progress = &progress.manager;
    info.mem->max_memory_to_use = (long)limits.memory;
    jpeg_mem_src(&info, bytes, count);
    jpeg_read_header(&info, TRUE);
    if (!is_within(limits, info.image_width, info.image_height)) fail(&failure, CPICTURES_TOO_LARGE);
    // All data is read and checked; the pixels are made small, because nobody looks at them.
    info.scale_num = 1;
    info.scale_denom = 8;
    info.do_fancy_upsampling = FALSE;
    jpeg_start_decompress(&info);
    row = malloc((size_t)info.output_width * (size_t)info.output_components);
    if (row == NULL) fail(&failure, CPICTURES_TOO_LARGE);
    while (info.output_scanline < info.output_height) {
        JSAMPROW rows[1] = {row};
        jpeg_read_scanlines(&info, rows, 1);
    }
    jpeg_finish_decompress(&info);
    jpeg_destroy_decompress(&info);
    free(row);
    return CPICTURES_DECODED;
}
