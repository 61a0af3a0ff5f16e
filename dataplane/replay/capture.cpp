// SPDX-License-Identifier: Apache-2.0
#include "dataplane/replay/capture.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include <pcap/pcap.h>

namespace sweepgate::replay {

namespace {

struct CloseFile {
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

tl::unexpected<Error> system_fault(const std::filesystem::path& path, int number) {
    return fail(number == ENOENT ? Errc::not_found : Errc::io,
                path.string() + ": " + errno_text(number));
}

Result<File> open_file(const std::filesystem::path& path) {
    File file(std::fopen(path.c_str(), "rbe"));
    if (!file) return system_fault(path, errno);
    struct stat status {};
    if (fstat(fileno(file.get()), &status) != 0) return system_fault(path, errno);
    // Its beginning is read twice.
    if (!S_ISREG(status.st_mode)) return fail(Errc::bad_input, path.string() + ": not a file");
    return file;
}

/// Whether timestamps have microseconds: the magic number of pcap-savefile(5), in either order.
bool counts_microseconds(std::FILE* file) {
    std::array<unsigned char, 4> magic{};
    const auto got = std::fread(magic.data(), 1, magic.size(), file);
    std::rewind(file);
    constexpr std::array<unsigned char, 4> kBig{0xA1, 0xB2, 0xC3, 0xD4};
    constexpr std::array<unsigned char, 4> kLittle{0xD4, 0xC3, 0xB2, 0xA1};
    return got == magic.size() && (magic == kBig || magic == kLittle);
}

std::string link_name(int link) {
    const auto* name = pcap_datalink_val_to_name(link);
    return name != nullptr ? name : "number " + std::to_string(link);
}

} // namespace

void Capture::Close::operator()(pcap* raw) const noexcept { pcap_close(raw); }
void CaptureWriter::Close::operator()(pcap_dumper* raw) const noexcept { pcap_dump_close(raw); }

Result<Capture> Capture::open(const std::filesystem::path& path) {
    auto file = open_file(path);
    if (!file) return tl::unexpected(file.error());
    const bool micro = counts_microseconds(file->get());
    std::array<char, PCAP_ERRBUF_SIZE> error{};
    auto* raw = pcap_fopen_offline_with_tstamp_precision(
        file->get(), micro ? PCAP_TSTAMP_PRECISION_MICRO : PCAP_TSTAMP_PRECISION_NANO,
        error.data());
    if (raw == nullptr) return fail(Errc::bad_input, path.string() + ": " + error.data());
    (void)file->release(); // pcap_close() closes it
    Capture capture(path, raw, micro ? 1000 : 1);
    if (const auto link = pcap_datalink(raw); link != DLT_EN10MB)
        return fail(Errc::bad_input, path.string() + ": link type " + link_name(link) +
                                         "; only Ethernet (EN10MB) can be judged");
    return capture;
}

Result<std::optional<Record>> Capture::next() {
    pcap_pkthdr* header = nullptr;
    const unsigned char* bytes = nullptr;
    const auto got = pcap_next_ex(handle_.get(), &header, &bytes);
    if (got == PCAP_ERROR_BREAK) return std::nullopt;
    ++number_;
    if (got != 1)
        return fail(Errc::bad_input, path_.string() + ": record " + std::to_string(number_) + ": " +
                                         pcap_geterr(handle_.get()));
    const Moment fraction = static_cast<Moment>(header->ts.tv_usec) * unit_;
    // A frame is not shorter than what was captured of it, whatever the record says.
    const auto wire_length = std::max(header->len, header->caplen);
    return Record{{bytes, header->caplen, wire_length},
                  static_cast<Moment>(header->ts.tv_sec) * 1'000'000'000 + fraction,
                  header};
}

Result<CaptureWriter> Capture::create(const std::filesystem::path& path) const {
    std::error_code ignored; // a file that is not there yet is no fault
    if (std::filesystem::equivalent(path, path_, ignored))
        return fail(Errc::refused, path.string() + ": is the capture that is being read");
    File file(std::fopen(path.c_str(), "wbe"));
    if (!file) return system_fault(path, errno);
    auto* raw = pcap_dump_fopen(handle_.get(), file.get());
    if (raw == nullptr) return fail(Errc::io, path.string() + ": " + pcap_geterr(handle_.get()));
    (void)file.release(); // pcap_dump_close() closes it
    return CaptureWriter(path, raw);
}

Status CaptureWriter::write(const Record& record, std::uint64_t number) {
    errno = 0;
    pcap_dump(reinterpret_cast<unsigned char*>(handle_.get()), record.header, record.frame.bytes);
    if (std::ferror(pcap_dump_file(handle_.get())) == 0) return {};
    return fail(Errc::io,
                path_.string() + ": record " + std::to_string(number) + ": " + errno_text(errno));
}

Status CaptureWriter::finish() {
    if (pcap_dump_flush(handle_.get()) != 0) return system_fault(path_, errno);
    return {};
}

} // namespace sweepgate::replay
