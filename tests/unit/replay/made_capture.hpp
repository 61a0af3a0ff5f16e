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

/// pcapng block by block, in either byte order.
class MadeCaptureNg {
public:
    explicit MadeCaptureNg(Order4 order = Order4::little) : order_(order) { section(); }

    MadeCaptureNg& section() {
        return block(0x0A0D0D0A, Body(order_).u32(0x1A2B3C4D).u16(1).u16(0).u32(~0U).u32(~0U));
    }
    /// `options` as they stand behind the snapshot length.
    MadeCaptureNg& interface(std::uint16_t link, std::uint32_t snapshot_length = 0,
                             const Bytes& options = {}) {
        return block(1, Body(order_).u16(link).u16(0).u32(snapshot_length).raw(options));
    }
    MadeCaptureNg& packet(std::uint32_t interface, std::uint64_t ticks, const Bytes& frame,
                          std::uint32_t wire = 0) {
        const auto length = static_cast<std::uint32_t>(frame.size());
        return block(6, Body(order_)
                            .u32(interface)
                            .u32(static_cast<std::uint32_t>(ticks >> 32U))
                            .u32(static_cast<std::uint32_t>(ticks))
                            .u32(length)
                            .u32(wire == 0 ? length : wire)
                            .raw(frame));
    }
    MadeCaptureNg& old_packet(std::uint16_t interface, std::uint32_t ticks, const Bytes& frame) {
        const auto length = static_cast<std::uint32_t>(frame.size());
        return block(
            2, Body(order_).u16(interface).u16(7).u32(0).u32(ticks).u32(length).u32(length).raw(
                   frame));
    }
    MadeCaptureNg& simple_packet(const Bytes& frame, std::uint32_t wire) {
        return block(3, Body(order_).u32(wire).raw(frame));
    }
    /// Any block without a packet: name resolution, statistics, a vendor's own.
    MadeCaptureNg& other(std::uint32_t type, const Bytes& body) {
        return block(type, Body(order_).raw(body));
    }
    [[nodiscard]] const Bytes& bytes() const { return bytes_; }

private:
    class Body {
    public:
        explicit Body(Order4 order) : order_(order) {}
        Body& u16(std::uint16_t value) {
            if (order_ == Order4::big) value = __builtin_bswap16(value);
            return put(&value, sizeof value);
        }
        Body& u32(std::uint32_t value) {
            if (order_ == Order4::big) value = __builtin_bswap32(value);
            return put(&value, sizeof value);
        }
        Body& raw(const Bytes& more) {
            bytes_.insert(bytes_.end(), more.begin(), more.end());
            bytes_.resize((bytes_.size() + 3) / 4 * 4);
            return *this;
        }
        [[nodiscard]] const Bytes& bytes() const { return bytes_; }

    private:
        Body& put(const void* value, std::size_t size) {
            const auto* first = static_cast<const std::uint8_t*>(value);
            bytes_.insert(bytes_.end(), first, first + size);
            return *this;
        }
        Order4 order_;
        Bytes bytes_;
    };

    MadeCaptureNg& block(std::uint32_t type, const Body& body) {
        const auto length = static_cast<std::uint32_t>(12 + body.bytes().size());
        const auto whole = Body(order_).u32(type).u32(length).raw(body.bytes()).u32(length).bytes();
        bytes_.insert(bytes_.end(), whole.begin(), whole.end());
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
