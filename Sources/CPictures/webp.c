#include <webp/decode.h>

#include "limits.h"

cpictures_outcome cpictures_decode_webp(const uint8_t *bytes, size_t count, cpictures_limits limits) {
    WebPDecoderConfig config;
    if (!WebPInitDecoderConfig(&config)) return CPICTURES_DAMAGED;
    if (WebPGetFeatures(bytes, count, &config.input) != VP8_STATUS_OK) return CPICTURES_DAMAGED;
    if (config.input.has_animation) return CPICTURES_ANIMATED;
    uint64_t width = (uint64_t)config.input.width, height = (uint64_t)config.input.height;
    if (!is_within(limits, width, height)) return CPICTURES_TOO_LARGE;
    // Without loss, all pixels are in memory at once, as those of an alpha channel may be. 0 stands for a mixed format, which has one frame here.
    if ((config.input.format != 1 || config.input.has_alpha) && width * height * 4 > limits.memory) return CPICTURES_TOO_LARGE;
    // All data is read and checked; the pixels are made small, because nobody looks at them.
    config.options.use_scaling = 1;
    config.options.scaled_width = (int)((width + 7) / 8);
    config.options.scaled_height = (int)((height + 7) / 8);
    config.output.colorspace = MODE_RGBA;
    VP8StatusCode status = WebPDecode(bytes, count, &config);
    WebPFreeDecBuffer(&config.output);
    if (status == VP8_STATUS_OK) return CPICTURES_DECODED;
    return status == VP8_STATUS_OUT_OF_MEMORY ? CPICTURES_TOO_LARGE : CPICTURES_DAMAGED;
}
