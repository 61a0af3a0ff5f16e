// SPDX-License-Identifier: Apache-2.0
// Capture files made byte by byte, after pcap-savefile(5) and the pcapng draft; knows nothing of
// the code that it is used to test.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace sweepgate::replay {

using Bytes = std::vector<std::uint8_t>;

enum class Order4 : std::uint8_t { little, big };

class MadeCapture {
public:
    explicit MadeCapture(std::uint32_t magic = 0xA1B2C3D4, Order4 order = Order4::little,
                         std::uint32_t link = 1)
        : order_(order) {
        put32(magic).put16(2).put16(4).put32(0).put32(0).put32(65535).put32(link);
    }

    /// `fraction` in the unit that the magic number says; `wire` 0: the frame is whole.
    MadeCapture& record(std::uint32_t seconds, std::uint32_t fraction, const Bytes& frame,
                        std::uint32_t wire = 0) {
        const auto length = static_cast<std::uint32_t>(frame.size());
        put32(seconds).put32(fraction).put32(length).put32(wire == 0 ? length : wire);
        bytes_.insert(bytes_.end(), frame.begin(), frame.end());
        return *this;
    }

    [[nodiscard]] const Bytes& bytes() const { return bytes_; }

protected:
    MadeCapture& put16(std::uint16_t value) {
        if (order_ == Order4::big) value = __builtin_bswap16(value);
        return put(&value, sizeof value);
    }
    MadeCapture& put32(std::uint32_t value) {
        if (order_ == Order4::big) value = __builtin_bswap32(value);
        return put(&value, sizeof value);
    }

private:
    MadeCapture& put(const void* value, std::size_t size) {
        const auto* first = static_cast<const std::uint8_t*>(value);
        bytes_.insert(bytes_.end(), first, first + size);
        return *this;
    }

    Order4 order_;
    Bytes bytes_;
};

/// A folder of its own that goes with it.
class Folder {
public:
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "sg-replay-XXXXXX").string();
        path_ = mkdtemp(name.data());
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() { std::filesystem::remove_all(path_); }

    [[nodiscard]] std::filesystem::path operator/(const std::string& name) const {
        return path_ / name;
    }
    std::filesystem::path write(const std::string& name, const Bytes& bytes) const {
        std::ofstream file(path_ / name, std::ios::binary);
        file.write(reinterpret_cast<const char*>(bytes.data()),
                   static_cast<std::streamsize>(bytes.size()));
        return path_ / name;
    }
    [[nodiscard]] Bytes read(const std::string& name) const {
        std::ifstream file(path_ / name, std::ios::binary);
        std::ostringstream text;
        text << file.rdbuf();
        const auto all = text.str();
        return {all.begin(), all.end()};
    }

private:
    std::filesystem::path path_;
};

} // namespace sweepgate::replay
