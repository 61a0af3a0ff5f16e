// SPDX-License-Identifier: Apache-2.0
// Archives that no writer of ours makes, in an envelope whose sum is right.
#include <archive.h>
#include <archive_entry.h>

#include "tests/unit/backup/fixture.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::backup;

TEST_GROUP(ArchiveOfABackup) {
    test::Folder folder;

    /// A tar of one entry, as `shape` makes it.
    std::string made(const std::function<void(archive_entry*)>& shape, const std::string& bytes)
        const {
        std::string tar(std::size_t{1} << 20U, '\0');
        std::size_t used = 0;
        auto* writer = archive_write_new();
        archive_write_set_format_pax(writer);
        archive_write_open_memory(writer, tar.data(), tar.size(), &used);
        auto* entry = archive_entry_new();
        archive_entry_set_pathname(entry, "state/a");
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_entry_set_size(entry, static_cast<la_int64_t>(bytes.size()));
        shape(entry);
        archive_write_header(writer, entry);
        archive_write_data(writer, bytes.data(), bytes.size());
        archive_entry_free(entry);
        archive_write_free(writer);
        return tar.substr(0, used);
    }
    std::string fault_of(const std::string& tar) const {
        auto envelope = EnvelopeWriter::create(folder / "file", std::nullopt, true);
        (void)envelope->write({reinterpret_cast<const std::uint8_t*>(tar.data()), tar.size()});
        (void)envelope->finish();
        return test::archive_fault_of(folder / "file");
    }
    std::string fault_of_name(const char* name) const {
        return fault_of(
            made([&](archive_entry* entry) { archive_entry_set_pathname(entry, name); }, "x"));
    }
};

TEST(ArchiveOfABackup, GivesBackNamesBytesAndSums) {
    const std::string name = "catalog/0/" + std::string(200, 'n') + "/\xC3\xA4.toml";
    auto envelope = EnvelopeWriter::create(folder / "file", std::nullopt, true);
    Member written;
    {
        auto archive = ArchiveWriter::open(*envelope);
        written = archive->add(name, std::string(100'000, 'x')).value();
        CHECK_TRUE(archive->add("state/empty", "").has_value());
        CHECK_TRUE(archive->finish().has_value());
    }
    CHECK_TRUE(envelope->finish().has_value());
    auto reader = EnvelopeReader::open(folder / "file", test::nobody_asks);
    std::vector<Member> found;
    std::size_t bytes = 0;
    const Visitor visitor{[](const auto&, auto) { return Status{}; },
                          [&](auto piece) {
                              bytes += piece.size();
                              return Status{};
                          },
                          [&](const Member& member) {
                              found.push_back(member);
                              return Status{};
                          }};
    for (int i = 0; i < 2; ++i) // from the beginning each time
        CHECK_TRUE(read_archive(*reader, visitor).has_value());
    LONGS_EQUAL(4, found.size());
    CHECK_TRUE(found[0] == written && found[2] == written);
    LONGS_EQUAL(200'000, bytes);
}

TEST(ArchiveOfABackup, IsTakenWhenNothingIsWrongWithIt) {
    STRCMP_EQUAL("", fault_of(made([](archive_entry*) {}, "x")).c_str());
}

TEST(ArchiveOfABackup, RefusesNamesThatLeadElsewhere) {
    for (const auto* name : {"/etc/passwd", "../a", "state/../../a", "state/./a"})
        STRCMP_CONTAINS("is a name that no backup has", fault_of_name(name).c_str());
}

TEST(ArchiveOfABackup, RefusesLinksFoldersAndDevices) {
    STRCMP_CONTAINS("is a link", fault_of(made(
                                              [](archive_entry* entry) {
                                                  archive_entry_set_filetype(entry, AE_IFLNK);
                                                  archive_entry_set_symlink(entry, "/etc/passwd");
                                                  archive_entry_set_size(entry, 0);
                                              },
                                              ""))
                                     .c_str());
    STRCMP_CONTAINS(
        "is a link",
        fault_of(
            made([](archive_entry* entry) { archive_entry_set_hardlink(entry, "/etc/passwd"); },
                 ""))
            .c_str());
    for (const auto type : {AE_IFDIR, AE_IFCHR, AE_IFIFO})
        CHECK_FALSE(fault_of(made(
                                 [&](archive_entry* entry) {
                                     archive_entry_set_filetype(entry, type);
                                     archive_entry_set_size(entry, 0);
                                 },
                                 ""))
                        .empty());
}

TEST(ArchiveOfABackup, RefusesAFileLargerThanAllOfIt) {
    // A header that claims 8 GiB - 1, in front of nothing.
    auto tar = made([](archive_entry*) {}, "");
    tar.replace(124, 12, "77777777777 ");
    unsigned sum = 0;
    tar.replace(148, 8, "        ");
    for (std::size_t i = 0; i < 512; ++i) sum += static_cast<unsigned char>(tar[i]);
    char text[9];
    std::snprintf(text, sizeof text, "%06o", sum);
    tar.replace(148, 8, std::string(text) + '\0' + ' ');
    STRCMP_CONTAINS("larger than the whole backup", fault_of(tar).c_str());
}

TEST(ArchiveOfABackup, CountsHolesAsBytes) {
    // 1 GiB of nothing in a few bytes.
    const auto fault = fault_of(made(
        [](archive_entry* entry) {
            archive_entry_set_size(entry, la_int64_t{1} << 30U);
            archive_entry_sparse_add_entry(entry, (la_int64_t{1} << 30U) - 1, 1);
        },
        "x"));
    STRCMP_CONTAINS("larger than the whole backup", fault.c_str());
}

TEST(ArchiveOfABackup, RefusesTheSameNameTwice) {
    const auto one = made([](archive_entry*) {}, "x");
    STRCMP_CONTAINS("is in it twice", fault_of(one.substr(0, 1024) + one).c_str());
}

TEST(ArchiveOfABackup, RefusesWhatIsCompressed) {
    STRCMP_CONTAINS("archive:", fault_of("\x1F\x8B\x08" + std::string(600, '\1')).c_str());
}

TEST(ArchiveOfABackup, RefusesWhatStandsBehindItsEnd) {
    const auto one = made([](archive_entry*) {}, "x");
    STRCMP_CONTAINS("behind its end", fault_of(one + std::string(200'000, 'x')).c_str());
}
