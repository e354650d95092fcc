//===- runtime/stream/ReadFolder.cpp --------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Data sets of one recording a file: a folder of files, a folder with a
// sub-folder for each class, or a list of lines "sample class".
//
//===----------------------------------------------------------------------===//
#include "base/AtomicFile.h"
#include "base/Describe.h"
#include "base/Npy.h"
#include "runtime/stream/Readers.h"
#include <cctype>
#include <charconv>
#include <filesystem>

namespace hillock::runtime {

namespace fs = std::filesystem;

namespace {
struct Sample {
  std::string path;
  int64_t label = -1;
};
} // namespace

static const char *const sampleExtensions[] = {".bs2", ".bin", ".npy"};
// A recording of a second of a fast camera takes some 10 MB.
static constexpr uint64_t maxRecordingBytes = uint64_t{1} << 30;

/// "9.bs2" before "10.bs2": runs of digits compare as numbers.
static bool naturalLess(const std::string &a, const std::string &b) {
  auto digit = [](char c) { return c >= '0' && c <= '9'; };
  size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    if (!digit(a[i]) || !digit(b[j])) {
      if (a[i] != b[j])
        return a[i] < b[j];
      ++i, ++j;
      continue;
    }
    auto number = [&](const std::string &text, size_t &at) {
      while (at < text.size() && text[at] == '0')
        ++at;
      const size_t first = at;
      while (at < text.size() && digit(text[at]))
        ++at;
      return std::string_view(text).substr(first, at - first);
    };
    const std::string_view p = number(a, i), q = number(b, j);
    if (p.size() != q.size())
      return p.size() < q.size();
    if (p != q)
      return p < q;
  }
  if (a.size() - i != b.size() - j)
    return a.size() - i < b.size() - j;
  return a < b; // "01" and "1": any fixed order
}

/// Entries of a folder in natural order; an unreadable folder is empty.
static std::vector<std::string> entries(const std::string &folder,
                                        bool folders) {
  std::vector<std::string> names;
  std::error_code code;
  for (fs::directory_iterator it(folder, code), end; !code && it != end;
       it.increment(code)) {
    std::error_code ignored;
    const std::string name = it->path().filename().string();
    if (!name.starts_with('.') &&
        (folders ? it->is_directory(ignored) : it->is_regular_file(ignored)))
      names.push_back(name);
  }
  std::sort(names.begin(), names.end(), naturalLess);
  return names;
}

static bool isSample(const std::string &name) {
  return std::any_of(std::begin(sampleExtensions), std::end(sampleExtensions),
                     [&](const char *end) { return name.ends_with(end); });
}

static Expected<Stimulus> readSample(const Sample &sample,
                                     const ReadOptions &options) {
  Expected<std::string> bytes = readFile(sample.path, maxRecordingBytes);
  if (!bytes)
    return bytes.takeError();
  ReadOptions single = options; // the range is meant for the whole set
  single.firstSample = 0;
  single.maxSamples = 2;
  single.threads = 1;
  Expected<DataSet> set = looksLikeNpy(*bytes)
                              ? readArrayFile(*bytes, sample.path, single)
                              : readRecording(*bytes, sample.path, single);
  if (!set)
    return set.takeError();
  if (set->samples.size() != 1)
    return inputError("holds several samples, one is expected in each file "
                      "of a folder or list",
                      sample.path);
  return std::move(set->samples.front());
}

static Expected<DataSet> readSamples(const std::vector<Sample> &samples,
                                     const ReadOptions &options) {
  const SampleRange range =
      selectSamples(options, static_cast<int64_t>(samples.size()));
  DataSet set;
  for (int64_t i = range.first; i < range.last; ++i)
    if (samples[static_cast<size_t>(i)].label >= 0)
      set.labels.push_back(samples[static_cast<size_t>(i)].label);
  Expected<std::vector<Stimulus>> stimuli =
      makeSamples(range, options.threads, [&](int64_t i) {
        return readSample(samples[static_cast<size_t>(i)], options);
      });
  if (!stimuli)
    return stimuli.takeError();
  set.samples = std::move(*stimuli);
  return std::move(set);
}

static bool toLabel(std::string_view text, int64_t &label) {
  const auto [end, code] =
      std::from_chars(text.data(), text.data() + text.size(), label);
  return code == std::errc() && end == text.data() + text.size() && label >= 0;
}

Expected<DataSet> readFolder(const std::string &path,
                             const ReadOptions &options) {
  std::vector<std::string> lists, files;
  for (const std::string &name : entries(path, false)) {
    if (isSample(name))
      files.push_back(name);
    else if (name.ends_with(".txt")) {
      Expected<std::string> bytes = readFile(path + "/" + name, 1 << 24);
      if (!bytes)
        llvm::consumeError(bytes.takeError());
      else if (looksLikeList(*bytes, path + "/" + name))
        lists.push_back(name);
    }
  }
  if (lists.size() > 1)
    return inputError("holds the lists " + describeList(lists), path,
                      "give one of them instead of the folder");
  if (lists.size() == 1) {
    const std::string list = path + "/" + lists.front();
    Expected<std::string> bytes = readFile(list, 1 << 24);
    if (!bytes)
      return bytes.takeError();
    return readListFile(*bytes, list, options);
  }

  std::vector<Sample> samples;
  for (const std::string &name : files)
    samples.push_back({path + "/" + name, -1});
  if (samples.empty()) {
    // A sub-folder for each class; its number, or its place in the order.
    std::vector<std::string> classes;
    for (const std::string &name : entries(path, true)) {
      const std::vector<std::string> inside = entries(path + "/" + name, false);
      if (std::any_of(inside.begin(), inside.end(), isSample))
        classes.push_back(name);
    }
    int64_t label = 0;
    const bool numbered =
        std::all_of(classes.begin(), classes.end(),
                    [&](const auto &name) { return toLabel(name, label); });
    for (size_t c = 0; c < classes.size(); ++c) {
      const std::string folder = path + "/" + classes[c];
      label = static_cast<int64_t>(c);
      if (numbered)
        (void)toLabel(classes[c], label);
      for (const std::string &name : entries(folder, false))
        if (isSample(name))
          samples.push_back({folder + "/" + name, label});
    }
  }
  if (samples.empty())
    return inputError("holds no .bs2, .bin or .npy files", path,
                      "give a file, a folder of recordings, or a folder with "
                      "a sub-folder for each class");
  return readSamples(samples, options);
}

namespace {
struct ListLine {
  uint64_t number = 0;
  std::vector<std::string_view> fields;
};
} // namespace

/// The lines of a list that are no comments, at most \p most of them.
static std::vector<ListLine> listLines(std::string_view bytes, size_t most) {
  std::vector<ListLine> lines;
  uint64_t number = 0;
  for (size_t at = 0; at < bytes.size() && lines.size() < most;) {
    const size_t end = std::min(bytes.find('\n', at), bytes.size());
    std::string_view line = bytes.substr(at, end - at);
    at = end + 1;
    ++number;
    line = line.substr(0, line.find('#'));
    ListLine entry{number, {}};
    const char *const blanks = " \t\r,;";
    for (size_t from = 0; (from = line.find_first_not_of(blanks, from)) !=
                          std::string_view::npos;) {
      const size_t to = std::min(line.find_first_of(blanks, from), line.size());
      entry.fields.push_back(line.substr(from, to - from));
      from = to;
    }
    if (!entry.fields.empty())
      lines.push_back(std::move(entry));
  }
  return lines;
}

static std::string parentOf(const std::string &path) {
  const std::string parent = fs::path(path).parent_path().string();
  return parent.empty() ? "." : parent;
}

/// The folder of the list and the folders in it.
static std::vector<std::string> searchFolders(const std::string &list) {
  std::vector<std::string> folders = {parentOf(list)};
  for (const std::string &name : entries(parentOf(list), true))
    folders.push_back(parentOf(list) + "/" + name);
  return folders;
}

static std::string findSample(std::string_view name,
                              const std::vector<std::string> &folders) {
  // Names come from a file: no longer than the system can take.
  if (name.size() > 255 || name.find('\0') != std::string_view::npos)
    return {};
  for (const std::string &folder : folders)
    for (const char *extension : {"", ".bs2", ".bin", ".npy"}) {
      std::string path = folder + "/" + std::string(name) + extension;
      std::error_code code;
      if (isSample(path) && fs::is_regular_file(path, code))
        return path;
    }
  return {};
}

bool looksLikeList(std::string_view bytes, const std::string &path) {
  const std::vector<ListLine> lines = listLines(bytes, 1);
  int64_t label = 0;
  return lines.size() == 1 && lines[0].fields.size() == 2 &&
         toLabel(lines[0].fields[1], label) &&
         !findSample(lines[0].fields[0], searchFolders(path)).empty();
}

Expected<DataSet> readListFile(std::string_view bytes, const std::string &path,
                               const ReadOptions &options) {
  const std::vector<std::string> folders = searchFolders(path);
  std::vector<Sample> samples;
  for (const ListLine &line : listLines(bytes, bytes.size())) {
    const std::string where = path + ", line " + std::to_string(line.number);
    Sample sample;
    if (line.fields.size() != 2 || !toLabel(line.fields[1], sample.label))
      return inputError("is not of the form 'sample class'", where,
                        "classes are numbers from 0 on");
    sample.path = findSample(line.fields[0], folders);
    if (sample.path.empty())
      return inputError("there is no recording '" +
                            std::string(line.fields[0].substr(0, 80)) +
                            "' (.bs2, .bin, .npy) in " + describeList(folders),
                        where, "put the recordings beside the list");
    samples.push_back(std::move(sample));
  }
  return readSamples(samples, options);
}

} // namespace hillock::runtime
