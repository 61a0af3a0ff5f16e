// SPDX-License-Identifier: Apache-2.0
#include "dataplane/replay/capture.hpp"

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
        while (const auto record = capture.next().value())
            CHECK_TRUE(writer.write(*record, capture.number()).has_value());
        CHECK_TRUE(writer.finish().has_value());
        return folder.read("out.pcap");
    }
};

TEST(Capture, ComesOutByteForByte) {
    for (const auto magic : {0xA1B2C3D4U, kNanoseconds}) {
        MadeCapture made(magic);
        made.record(1'700'000'000, 999'999, kFrame).record(1'700'000'001, 0, Bytes(14, 1), 1500);
        CHECK_TRUE(copied(made.bytes()) == made.bytes());
    }
}

TEST(Capture, OfTheOtherByteOrderComesOutWithTheSameRecords) {
    const auto made = [](Order4 order) {
        return MadeCapture(0xA1B2C3D4, order).record(7, 123'456, kFrame).record(8, 1, kFrame, 99);
    };
    CHECK_TRUE(copied(made(Order4::big).bytes()) == made(Order4::little).bytes());
}

TEST(Capture, KeepsTimeInNanoseconds) {
    MadeCapture micro;
    micro.record(7, 123'456, kFrame);
    auto capture = Capture::open(folder.write("micro", micro.bytes())).value();
    CHECK_TRUE(7'123'456'000 == capture.next().value()->at);
    MadeCapture nano(kNanoseconds);
    nano.record(7, 123'456'789, kFrame);
    capture = Capture::open(folder.write("nano", nano.bytes())).value();
    CHECK_TRUE(7'123'456'789 == capture.next().value()->at);
}

TEST(Capture, ReadsPcapng) {
    // Section header, one Ethernet interface, one enhanced packet of 60 bytes.
    const auto block = [](std::uint32_t type, const std::vector<std::uint32_t>& words) {
        std::vector<std::uint32_t> whole{type, static_cast<std::uint32_t>(12 + 4 * words.size())};
        whole.insert(whole.end(), words.begin(), words.end());
        whole.push_back(whole[1]);
        const auto* first = reinterpret_cast<const std::uint8_t*>(whole.data());
        return Bytes(first, first + 4 * whole.size());
    };
    std::vector<std::uint32_t> packet{0, 0, 5'000'001, 60, 60};
    packet.insert(packet.end(), 15, 0x42424242U);
    Bytes bytes;
    for (const auto& part : {block(0x0A0D0D0A, {0x1A2B3C4D, 1, 0xFFFFFFFF, 0xFFFFFFFF}),
                             block(1, {1, 65535}), block(6, packet)})
        bytes.insert(bytes.end(), part.begin(), part.end());
    auto capture = Capture::open(folder.write("in.pcapng", bytes)).value();
    const auto record = capture.next().value().value();
    CHECK_TRUE(Bytes(record.frame.bytes, record.frame.bytes + record.frame.length) == kFrame);
    CHECK_TRUE(5'000'001'000 == record.at);
    CHECK_FALSE(capture.next().value().has_value());
}

TEST(Capture, NamesFileAndRecordWhereItIsCut) {
    MadeCapture made;
    made.record(1, 0, kFrame).record(2, 0, kFrame);
    const auto whole = made.bytes();
    for (std::size_t length = 24 + 16 + 60 + 1; length < whole.size(); ++length) {
        auto capture =
            Capture::open(folder.write("cut", Bytes(whole.data(), whole.data() + length))).value();
        CHECK_TRUE(capture.next().value().has_value());
        const auto second = capture.next();
        CHECK_FALSE(second.has_value());
        CHECK_TRUE(says(second.error(), (folder / "cut").string() + ": record 2"));
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
    MadeCapture made;
    made.record(1, 0, kFrame);
    auto bytes = made.bytes();
    for (std::size_t i = 32; i < 36; ++i) bytes[i] = 0xFF; // captured length
    auto capture = Capture::open(folder.write("hostile", bytes)).value();
    const auto record = capture.next();
    CHECK_FALSE(record.has_value());
    CHECK_TRUE(says(record.error(), "record 1"));
}

TEST(Capture, IsOfEthernetOnly) {
    const auto opened =
        Capture::open(folder.write("raw", MadeCapture(0xA1B2C3D4, Order4::little, 101).bytes()));
    CHECK_FALSE(opened.has_value());
    CHECK_TRUE(says(opened.error(), "link type RAW"));
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
    while (const auto record = capture.next().value())
        if (written = writer.write(*record, capture.number()); !written) break;
    if (written) written = writer.finish();
    CHECK_FALSE(written.has_value());
    CHECK_TRUE(says(written.error(), "/dev/full"));
    CHECK_TRUE(says(written.error(), "No space left"));
}
