// SPDX-License-Identifier: Apache-2.0
// A snapshot sealed with a key of its own, and the vendor's way of loading it.
#pragma once

#include <array>
#include <memory>
#include <string>

#include <sweepgate/filter.h>

#include "controlplane/wire/envelope.hpp"

namespace sweepgate::capi {

struct Free {
    void operator()(sgf_filter* filter) const noexcept { sgf_free(filter); }
};
using Filter = std::unique_ptr<sgf_filter, Free>;

/// What came of one sgf_load().
struct Loading {
    int status = SGF_OK;
    Filter filter;
    std::string error;

    [[nodiscard]] bool says(std::string_view text) const {
        return error.find(text) != std::string::npos;
    }
};

inline Loading load(const sgf_source& source) {
    Loading loading;
    std::array<char, SGF_ERROR_BYTES> error{};
    sgf_filter* raw = nullptr;
    loading.status = sgf_load(&source, &raw, error.data(), error.size());
    loading.filter.reset(raw);
    loading.error = error.data();
    return loading;
}

inline sgf_source source_of(const std::string& sealed, const wire::VerifyKey& key) {
    sgf_source source = SGF_SOURCE_INIT;
    source.snapshot = sealed.data();
    source.snapshot_bytes = sealed.size();
    source.keys = key.bytes.data();
    source.key_count = 1;
    return source;
}

inline Loading load(const Snapshot& snapshot, const wire::SigningKey& key) {
    return load(source_of(wire::seal_snapshot(snapshot, key).value(), key.verify_key()));
}

} // namespace sweepgate::capi
