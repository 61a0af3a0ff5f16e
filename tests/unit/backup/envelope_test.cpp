// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include "tests/unit/backup/fixture.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::backup;

namespace {

const std::string kWords = "correct horse battery";

Result<std::string> right() { return kWords; }
Result<std::string> wrong() { return std::string("correct horse batterz"); }

} // namespace

TEST_GROUP(Envelope) {
    test::Folder folder;

    void make(std::size_t bytes, const std::optional<std::string>& passphrase) const {
        auto writer = EnvelopeWriter::create(folder / "file", passphrase, true);
        const std::vector<std::uint8_t> some(bytes, 'x');
        CHECK_TRUE(writer.has_value() && writer->write(some) && writer->finish());
    }
    std::size_t opened(const std::function<Result<std::string>()>& passphrase) const {
        auto reader = EnvelopeReader::open(folder / "file", passphrase);
        CHECK_TRUE(reader.has_value());
        std::size_t bytes = 0;
        for (auto got = reader->read(); got && !got->empty(); got = reader->read())
            bytes += got->size();
        return bytes;
    }
    std::size_t size() const { return std::filesystem::file_size(folder / "file"); }
};

TEST(Envelope, GivesBackAsManyBytesAsItTookAroundTheBordersOfAPiece) {
    for (const std::size_t bytes : {0U, 1U, 65'535U, 65'536U, 65'537U, 131'072U, 200'000U}) {
        make(bytes, std::nullopt);
        LONGS_EQUAL(bytes, opened(test::nobody_asks));
    }
    for (const std::size_t bytes : {0U, 65'536U, 131'073U}) {
        make(bytes, kWords);
        LONGS_EQUAL(bytes, opened(right));
    }
}

TEST(Envelope, IsReadableByItsOwnerAlone) {
    make(10, std::nullopt);
    struct stat status {};
    LONGS_EQUAL(0, ::stat((folder / "file").c_str(), &status));
    LONGS_EQUAL(0600, status.st_mode & 0777U);
}

TEST(Envelope, SealedShowsNothingOfWhatIsInIt) {
    make(100'000, kWords);
    CHECK_TRUE(folder.read("file").find("xxxxxxxx") == std::string::npos);
    make(100'000, std::nullopt);
    CHECK_TRUE(folder.read("file").find("xxxxxxxx") != std::string::npos);
}

TEST(Envelope, RefusesAnotherPassphrase) {
    make(100, kWords);
    STRCMP_CONTAINS("the passphrase is another", test::fault_of(folder / "file", wrong).c_str());
}

TEST(Envelope, PlainRefusesEveryByteThatIsChangedAndEveryEarlyEnd) {
    make(50, std::nullopt);
    const auto whole = folder.read("file");
    for (std::size_t i = 0; i < whole.size(); ++i) {
        auto changed = whole;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        folder.write("changed", changed);
        CHECK_FALSE(test::fault_of(folder / "changed").empty());
        folder.write("short", whole.substr(0, i));
        CHECK_FALSE(test::fault_of(folder / "short").empty());
    }
    folder.write("longer", whole + "x");
    CHECK_FALSE(test::fault_of(folder / "longer").empty());
}

TEST(Envelope, SealedRefusesChangesAndEarlyEndsAnywhere) {
    make(150'000, kWords);
    const auto whole = folder.read("file");
    const std::size_t piece = 65'536 + 17;
    const std::size_t begin = whole.size() - 150'000 - std::size_t{3 * 17};
    for (const std::size_t at :
         {std::size_t{30}, begin - 1, begin, begin + piece, whole.size() - 1}) {
        auto changed = whole;
        changed[at] = static_cast<char>(changed[at] ^ 1);
        folder.write("changed", changed);
        CHECK_FALSE(test::fault_of(folder / "changed", right).empty());
    }
    // At the border of a piece too, where nothing but the mark of the last one is missing.
    for (const std::size_t end :
         {begin - 1, begin, begin + piece, begin + 2 * piece, whole.size() - 1}) {
        folder.write("short", whole.substr(0, end));
        STRCMP_CONTAINS("short", test::fault_of(folder / "short", right).c_str());
    }
    folder.write("longer", whole + "x");
    CHECK_FALSE(test::fault_of(folder / "longer", right).empty());
}

TEST(Envelope, RefusesWhatIsNoBackup) {
    folder.write("file", "PK\3\4 something else");
    STRCMP_CONTAINS("is no backup of a controller", test::fault_of(folder / "file").c_str());
    STRCMP_CONTAINS("is no backup",
                    (folder.write("file", ""), test::fault_of(folder / "file")).c_str());
    STRCMP_CONTAINS("not a regular file", test::fault_of(folder.path).c_str());
}

TEST(Envelope, StandsOverNoFileThatIsThere) {
    folder.write("file", "mine");
    const auto refused = EnvelopeWriter::create(folder / "file", std::nullopt, false);
    CHECK_TRUE(!refused && refused.error().code == Errc::conflict);
    {
        auto writer = EnvelopeWriter::create(folder / "late", std::nullopt, false);
        folder.write("late", "came meanwhile");
        const auto finished = writer->finish();
        CHECK_TRUE(!finished && finished.error().code == Errc::conflict);
    }
    STRCMP_EQUAL("mine", folder.read("file").c_str());
    STRCMP_EQUAL("came meanwhile", folder.read("late").c_str());
    LONGS_EQUAL(2, folder.all().size());
}

TEST(Envelope, LeavesNothingWhenItIsNotFinished) {
    {
        auto writer = EnvelopeWriter::create(folder / "file", std::nullopt, false);
        LONGS_EQUAL(1, folder.all().size());
    }
    LONGS_EQUAL(0, folder.all().size());
}
