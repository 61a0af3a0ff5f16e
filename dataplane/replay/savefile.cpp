// SPDX-License-Identifier: Apache-2.0
#include "dataplane/replay/savefile.hpp"

#include <array>
#include <cerrno>
#include <cstring>

namespace sweepgate::replay {

Result<bool> FileBytes::more(std::size_t count) {
    const auto held = bytes_.size();
    bytes_.resize(held + count);
    errno = 0;
    const auto got = std::fread(bytes_.data() + held, 1, count, file_.get());
    bytes_.resize(held + got);
    at_end_ = got == 0 && count > 0;
    if (got == count) return true;
    if (std::ferror(file_.get()) != 0) return fail(Errc::io, errno_text(errno));
    return false;
}

std::uint16_t FileBytes::read16(std::size_t offset) const {
    std::uint16_t value = 0;
    std::memcpy(&value, bytes_.data() + offset, sizeof value);
    return is_swapped_ ? __builtin_bswap16(value) : value;
}

std::uint32_t FileBytes::read32(std::size_t offset) const {
    std::uint32_t value = 0;
    std::memcpy(&value, bytes_.data() + offset, sizeof value);
    return is_swapped_ ? __builtin_bswap32(value) : value;
}

Result<std::unique_ptr<Savefile>> open_savefile(File file) {
    constexpr std::array<std::uint8_t, 4> kPcapng{0x0A, 0x0D, 0x0D, 0x0A}; // in either order
    std::array<std::uint8_t, 4> start{};
    errno = 0;
    const auto got = std::fread(start.data(), 1, start.size(), file.get());
    if (std::ferror(file.get()) != 0 || std::fseek(file.get(), 0, SEEK_SET) != 0)
        return fail(Errc::io, errno_text(errno));
    if (got < start.size()) return fail(Errc::bad_input, "too short for a capture");
    if (start == kPcapng) return open_pcapng(std::move(file));
    return open_pcap(std::move(file));
}

} // namespace sweepgate::replay
