// SPDX-License-Identifier: Apache-2.0
#include "dataplane/replay/capture.hpp"

#include <array>

#include "tests/unit/replay/made_capture.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::replay;

namespace {

const Bytes kFrame(60, 0x42);
constexpr std::uint32_t kNanoseconds = 0xA1B23C4D;

bool says(const Error& error, const std::string& text) {
    return error.what.find(text) != std::string::npos;
}

} // namespace

TEST_GROUP(Capture) {
    Folder folder;

    /// Every record of `from`, written to a new file.
    Bytes copied(const Bytes& from) {
        auto capture = Capture::open(folder.write("in.pcap", from)).value();
        auto writer = capture.create(folder / "out.pcap").value();
        while (const auto piece = capture.next().value())
            CHECK_TRUE(writer.write(*piece, capture.number()).has_value());
        CHECK_TRUE(writer.finish().has_value());
        return folder.read("out.pcap");
    }
    Capture opened(const Bytes& bytes) {
        auto capture = Capture::open(folder.write("in", bytes));
        if (!capture) FAIL(capture.error().what.c_str());
        return std::move(*capture);
    }
    /// Behind all that is none.
    static Packet next_packet(Capture & capture) {
        for (;;) {
            const auto piece = capture.next();
            if (!piece) FAIL(piece.error().what.c_str());
            CHECK_TRUE(piece->has_value());
            if ((*piece)->packet) return *(*piece)->packet;
        }
    }
    /// The fault that ends the file.
    static Error fault(Capture & capture) {
        for (;;) {
            const auto piece = capture.next();
            if (!piece) return piece.error();
            CHECK_TRUE(piece->has_value());
        }
    }
    static Bytes of(const Packet& packet) { return {packet.bytes.begin(), packet.bytes.end()}; }
};

TEST(Capture, ComesOutByteForByte) {
    for (const auto magic : {0xA1B2C3D4U, kNanoseconds})
        for (const auto order : {Order4::little, Order4::big})
            for (const std::uint32_t link : {1U, 101U, 113U, 0x14000001U}) {
                MadeCapture made(magic, order, link);
                made.record(1'700'000'000, 999'999, kFrame)
                    .record(1'700'000'001, 0, Bytes(14, 1), 1500);
                CHECK_TRUE(copied(made.bytes()) == made.bytes());
            }
}

TEST(Capture, ComesOutByteForByteFromPcapngToo) {
    for (const auto order : {Order4::little, Order4::big}) {
        MadeCaptureNg made(order);
        made.interface(1, 96).interface(113).packet(1, 7, kFrame).packet(0, 8, Bytes(13, 1), 60);
        made.other(4, Bytes(8, 3)).other(0x40000BAD, Bytes(5, 9)).section().interface(101);
        made.packet(0, 9, kFrame);
        CHECK_TRUE(copied(made.bytes()) == made.bytes());
    }
}

TEST(Capture, ForgetsTheLengthOfASectionThatACopyMayChange) {
    const auto made = MadeCaptureNg().interface(1).packet(0, 1, kFrame).bytes();
    auto told = made;
    for (std::size_t at = 16; at < 24; ++at) told[at] = 1;
    CHECK_TRUE(copied(told) == made);
}

TEST(Capture, KeepsTimeInNanoseconds) {
    auto capture = opened(MadeCapture().record(7, 123'456, kFrame).bytes());
    CHECK_TRUE(7'123'456'000 == next_packet(capture).at);
    capture = opened(MadeCapture(kNanoseconds).record(7, 123'456'789, kFrame).bytes());
    CHECK_TRUE(7'123'456'789 == next_packet(capture).at);
    capture = opened(MadeCapture(kNanoseconds, Order4::big).record(7, 123'456'789, kFrame).bytes());
    CHECK_TRUE(7'123'456'789 == next_packet(capture).at);
}

TEST(Capture, ReadsTimesOfEveryResolution) {
    const auto at = [this](std::uint8_t resolution, std::uint64_t ticks, Bytes more = {}) {
        Bytes options{9, 0, 1, 0, resolution, 0, 0, 0};
        options.insert(options.end(), more.begin(), more.end());
        auto capture =
            opened(MadeCaptureNg().interface(1, 0, options).packet(0, ticks, kFrame).bytes());
        return next_packet(capture).at;
    };
    CHECK_TRUE(5'000'001'000 == at(6, 5'000'001));
    CHECK_TRUE(5'000'000'001 == at(9, 5'000'000'001));
    CHECK_TRUE(5'000'000'000 == at(0, 5));
    CHECK_TRUE(5'000'000'000 == at(12, 5'000'000'000'000));
    CHECK_TRUE(1'500'000'000 == at(0x80 | 1, 3));
    CHECK_TRUE(1'700'000'000'250'000'000 == at(0x80 | 20, (1'700'000'000ULL << 20U) + (1U << 18U)));
    CHECK_TRUE(0 == at(0x7F, ~0ULL)); // finer than anything that fits
    CHECK_TRUE(at(0, ~0ULL) > 0);     // later than anything that fits
    const Bytes an_hour{14, 0, 8, 0, 0x10, 0x0E, 0, 0, 0, 0, 0, 0};
    CHECK_TRUE(3'601'000'000'000 == at(6, 1'000'000, an_hour));
}

TEST(Capture, ReadsPcapngInEitherByteOrder) {
    for (const auto order : {Order4::little, Order4::big}) {
        auto capture =
            opened(MadeCaptureNg(order).interface(1, 65535).packet(0, 5'000'001, kFrame).bytes());
        const auto packet = next_packet(capture);
        CHECK_TRUE(of(packet) == kFrame);
        CHECK_EQUAL(60U, packet.wire_length);
        CHECK_TRUE(5'000'001'000 == packet.at);
        CHECK_FALSE(capture.next().value().has_value());
    }
}

TEST(Capture, ReadsInterfacesThatDifferAndPacketsOfEveryKind) {
    MadeCaptureNg made;
    made.interface(1, 96).interface(113, 262'144).interface(101).packet(1, 1, Bytes(16, 1));
    made.packet(2, 2, Bytes(20, 2), 1500)
        .old_packet(0, 3, Bytes(14, 3))
        .simple_packet(Bytes(96, 4), 99);
    made.packet(0, 5, Bytes(97, 5)); // longer than the interface's snapshot length
    made.section().interface(276).packet(0, 6, Bytes(20, 6));
    auto capture = opened(made.bytes());
    constexpr std::array<std::uint32_t, 6> kLinks{113, 101, 1, 1, 1, 276};
    constexpr std::array<std::size_t, 6> kLengths{16, 20, 14, 96, 97, 20};
    constexpr std::array<std::uint32_t, 6> kWire{16, 1500, 14, 99, 97, 20};
    for (std::size_t i = 0; i < kLinks.size(); ++i) {
        const auto packet = next_packet(capture);
        CHECK_EQUAL(kLinks[i], packet.link);
        CHECK_TRUE(of(packet) == Bytes(kLengths[i], static_cast<std::uint8_t>(i + 1)));
        CHECK_EQUAL(kWire[i], packet.wire_length);
        CHECK_EQUAL(i == 4, packet.is_oversized);
    }
    CHECK_EQUAL(6U, capture.number());
}

TEST(Capture, GivesARecordLongerThanTheSnapshotLengthWhole) {
    auto made = MadeCapture().record(1, 0, kFrame).bytes();
    made[16] = 59; // of the file
    made[17] = made[18] = made[19] = 0;
    auto capture = opened(made);
    const auto packet = next_packet(capture);
    CHECK_TRUE(packet.is_oversized);
    CHECK_TRUE(of(packet) == kFrame);
    CHECK_TRUE(copied(made) == made);
}

TEST(Capture, ReadsRecordsWithLongerHeaders) {
    // Kuznetzov's: eight bytes more before the frame.
    MadeCapture made(0xA1B2CD34);
    Bytes longer(8, 0x77);
    longer.insert(longer.end(), kFrame.begin(), kFrame.end());
    made.record(7, 123'456, longer);
    auto bytes = made.bytes();
    bytes[32] = bytes[36] = 60;
    auto capture = opened(bytes);
    const auto packet = next_packet(capture);
    CHECK_TRUE(of(packet) == kFrame);
    CHECK_TRUE(7'123'456'000 == packet.at);
    CHECK_TRUE(copied(bytes) == bytes);
}

TEST(Capture, NamesFileAndRecordWhereItIsCut) {
    const auto pcap = MadeCapture().record(1, 0, kFrame).record(2, 0, kFrame).bytes();
    const auto pcapng =
        MadeCaptureNg().interface(1).packet(0, 1, kFrame).packet(0, 2, kFrame).bytes();
    const std::size_t second_in_pcap = 24 + 16 + 60;
    const std::size_t second_in_pcapng = 28 + 20 + 92;
    for (const auto& [whole, second] :
         {std::pair(pcap, second_in_pcap), std::pair(pcapng, second_in_pcapng)})
        for (auto length = second + 1; length < whole.size(); ++length) {
            auto capture = opened(Bytes(whole.data(), whole.data() + length));
            CHECK_EQUAL(60U, next_packet(capture).bytes.size());
            CHECK_TRUE(says(fault(capture), (folder / "in").string() + ": record 2: "));
        }
}

TEST(Capture, EndsWhereItsHeaderIsCut) {
    const auto whole = MadeCapture().bytes();
    for (std::size_t length = 0; length < whole.size(); ++length) {
        const auto opened =
            Capture::open(folder.write("cut", Bytes(whole.data(), whole.data() + length)));
        CHECK_FALSE(opened.has_value());
        CHECK_TRUE(says(opened.error(), (folder / "cut").string()));
    }
}

TEST(Capture, SurvivesARecordOfImpossibleLength) {
    auto bytes = MadeCapture().record(1, 0, kFrame).bytes();
    for (std::size_t i = 32; i < 36; ++i) bytes[i] = 0xFF; // captured length
    auto capture = opened(bytes);
    CHECK_TRUE(says(fault(capture), "record 1: says that it has 4294967295 bytes"));
}

TEST(Capture, SurvivesBlocksThatContradictThemselves) {
    const auto good = MadeCaptureNg().interface(1).packet(0, 1, kFrame).bytes();
    const auto told = [&](std::size_t at, std::uint8_t value) {
        auto bytes = good;
        bytes[at] = value;
        auto capture = opened(bytes);
        return fault(capture).what;
    };
    STRCMP_CONTAINS("without a byte order", told(8, 0).c_str());
    STRCMP_CONTAINS("a block of 29 bytes", told(4, 29).c_str());
    STRCMP_CONTAINS("a block of 8 bytes", told(28 + 4, 8).c_str());
    STRCMP_CONTAINS("two lengths differ", told(28 + 16, 24).c_str());
    STRCMP_CONTAINS("interface 1 is not described", told(48 + 8, 1).c_str());
    STRCMP_CONTAINS("says that it has 255 bytes", told(48 + 20, 255).c_str());
}

TEST(Capture, OfAnythingElseIsRefused) {
    for (const auto* text :
         {"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n", "{\"a\": 1, \"b\": [2, 3, 4, 5]}"}) {
        const std::string all(text);
        const auto refused = Capture::open(folder.write("in", Bytes(all.begin(), all.end())));
        CHECK_TRUE(says(refused.error(), "in: no capture: neither pcap nor pcapng"));
    }
    auto old = MadeCapture().bytes();
    old[4] = 1;
    CHECK_TRUE(says(Capture::open(folder.write("in", old)).error(), "pcap version 1.4"));
}

TEST(Capture, IsAFileThatIsThere) {
    CHECK_TRUE(Capture::open(folder / "absent").error().code == Errc::not_found);
    CHECK_TRUE(says(Capture::open("/dev/null").error(), "/dev/null"));
    CHECK_FALSE(Capture::open(folder / "").has_value());
}

TEST(Capture, IsNeverOverwrittenByItsOwnCopy) {
    const auto bytes = MadeCapture().record(1, 0, kFrame).bytes();
    const auto capture = Capture::open(folder.write("in", bytes)).value();
    std::filesystem::create_symlink(folder / "in", folder / "same");
    CHECK_TRUE(capture.create(folder / "same").error().code == Errc::refused);
    CHECK_TRUE(folder.read("in") == bytes);
}

TEST(Capture, TellsThatADiskIsFull) {
    MadeCapture made;
    for (std::uint32_t i = 0; i < 1000; ++i) made.record(i, 0, kFrame);
    auto capture = Capture::open(folder.write("in", made.bytes())).value();
    auto writer = capture.create("/dev/full").value();
    Status written;
    while (const auto piece = capture.next().value())
        if (written = writer.write(*piece, capture.number()); !written) break;
    if (written) written = writer.finish();
    CHECK_FALSE(written.has_value());
    CHECK_TRUE(says(written.error(), "/dev/full"));
    CHECK_TRUE(says(written.error(), "No space left"));
}
