//===- tests/unit/compiler/frontend/nir/HostileTest.cpp -------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Files that are wrong: every one ends in an error that names the place.
//
//===----------------------------------------------------------------------===//
#include "base/AtomicFile.h"
#include "tests/unit/compiler/frontend/nir/Helpers.h"
#include <cmath>

namespace hillock::nir::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

std::string errorAfter(const std::function<void(hid_t)> &edit) {
  return textOf(readEdited(smallGraph(), edit));
}

TEST(NirHostile, NamesTheIndexOfANaN) {
  Graph graph = smallGraph();
  std::get<1>(graph.nodes[0].fields["weight"].values)[15] = std::nan("");
  auto bytes = writeMemory(graph);
  EXPECT_THAT(textOf(readMemory(*bytes, "test.nir")),
              AllOf(StartsWith("test.nir: node 'fc', field 'weight': "),
                    HasSubstr("[2, 3]"), HasSubstr("NaN")));
  graph = smallGraph();
  graph.nodes[2].fields["tau"] = Tensor::scalar(INFINITY);
  bytes = writeMemory(graph);
  EXPECT_THAT(
      textOf(readMemory(*bytes, "test.nir")),
      AllOf(HasSubstr("node 'lif', field 'tau'"), HasSubstr("infinite")));
}

TEST(NirHostile, UnknownTypesListTheSupportedOnes) {
  EXPECT_THAT(errorAfter([](hid_t file) {
                setText(file, "/node/nodes/lif/type", "Izhikevich");
              }),
              AllOf(HasSubstr("test.nir: node 'lif'"),
                    HasSubstr("unknown node type 'Izhikevich'"),
                    HasSubstr("CubaLIF")));
}

TEST(NirHostile, MissingPiecesAreLocated) {
  auto without = [](const char *path) {
    return errorAfter([=](hid_t file) { H5Ldelete(file, path, H5P_DEFAULT); });
  };
  EXPECT_THAT(without("/node/nodes/lif/tau"),
              HasSubstr("node 'lif', field 'tau': missing in a LIF"));
  EXPECT_THAT(without("/node/nodes/lif/type"), HasSubstr("has no 'type'"));
  EXPECT_THAT(without("/node/edges"), HasSubstr("no data set 'edges'"));
  EXPECT_THAT(without("/node/nodes"), HasSubstr("no group 'nodes'"));
  EXPECT_THAT(without("/node"), HasSubstr("without the group 'node'"));
  EXPECT_EQ(without("/version"), "");
}

TEST(NirHostile, SlashesInNamesAreExplained) {
  Graph graph =
      makeGraph({input("input", {6}), linear("a/b", 6, 6)}, {{"input", "a/b"}});
  auto bytes = writeMemory(graph);
  EXPECT_THAT(textOf(readMemory(*bytes, "test.nir")),
              AllOf(HasSubstr("node 'a'"), HasSubstr("contains '/'")));
  graph.nodes.insert(graph.nodes.begin(), linear("a", 6, 6));
  bytes = writeMemory(graph);
  ASSERT_TRUE(bool(bytes)) << textOf(std::move(bytes));
  EXPECT_THAT(textOf(readMemory(*bytes, "test.nir")),
              AllOf(HasSubstr("node 'a'"), HasSubstr("contains '/'")));
}

TEST(NirHostile, EdgesToNowhereNameTheNearestNode) {
  Graph graph = smallGraph();
  graph.edges.push_back({"lif", "outputs"});
  auto bytes = writeMemory(graph);
  EXPECT_THAT(textOf(readMemory(*bytes, "test.nir")),
              AllOf(HasSubstr("edge 'lif' -> 'outputs'"),
                    HasSubstr("did you mean 'output'?")));
}

TEST(NirHostile, WrongKindsOfData) {
  EXPECT_THAT(errorAfter([](hid_t file) {
                setText(file, "/node/nodes/lif/tau", "fast");
              }),
              HasSubstr("holds text where numbers are needed"));
  EXPECT_THAT(errorAfter([](hid_t file) {
                hid_t pair = H5Tcreate(H5T_COMPOUND, 8);
                H5Tinsert(pair, "r", 0, H5T_NATIVE_FLOAT);
                H5Tinsert(pair, "i", 4, H5T_NATIVE_FLOAT);
                float zeros[2] = {};
                setData(file, "/node/nodes/lif/tau", pair, {1}, zeros);
                H5Tclose(pair);
              }),
              HasSubstr("holds compound values"));
  int64_t number = 3;
  EXPECT_THAT(errorAfter([&](hid_t file) {
                setData(file, "/node/nodes/lif/type", H5T_NATIVE_INT64, {},
                        &number);
              }),
              HasSubstr("where text is needed"));
  EXPECT_THAT(errorAfter([&](hid_t file) {
                H5Ldelete(file, "/node/nodes/lif/tau", H5P_DEFAULT);
                H5Gclose(H5Gcreate2(file, "/node/nodes/lif/tau", H5P_DEFAULT,
                                    H5P_DEFAULT, H5P_DEFAULT));
              }),
              HasSubstr("is a group"));
}

TEST(NirHostile, ShapesThatTheFileCannotHold) {
  EXPECT_THAT(
      errorAfter([](hid_t file) {
        hid_t create = H5Pcreate(H5P_DATASET_CREATE);
        H5Pset_alloc_time(create, H5D_ALLOC_TIME_LATE);
        H5Dclose(replaceData(file, "/node/nodes/fc/weight", H5T_NATIVE_FLOAT,
                             {1u << 20, 1u << 20, 1u << 10}, nullptr, create));
        H5Pclose(create);
      }),
      AllOf(HasSubstr("node 'fc', field 'weight'"),
            HasSubstr("more than the file")));
  int64_t negative[] = {-6};
  EXPECT_THAT(errorAfter([&](hid_t file) {
                setData(file, "/node/nodes/input/shape", H5T_NATIVE_INT64, {1},
                        negative);
              }),
              HasSubstr("value -6 is out of range"));
  int64_t huge[] = {1 << 20, 1 << 20, 1 << 20};
  EXPECT_THAT(errorAfter([&](hid_t file) {
                setData(file, "/node/nodes/input/shape", H5T_NATIVE_INT64, {3},
                        huge);
              }),
              HasSubstr("too large"));
}

TEST(NirHostile, LinksOutOfTheFileAndCirclesAreRefused) {
  EXPECT_THAT(errorAfter([](hid_t file) {
                H5Lcreate_external("/etc/hosts", "/x", file, "/node/nodes/z",
                                   H5P_DEFAULT, H5P_DEFAULT);
              }),
              HasSubstr("link 'z' is not followed"));
  EXPECT_THAT(errorAfter([](hid_t file) {
                H5Lcreate_soft("/node/nodes/lif", file, "/node/nodes/z",
                               H5P_DEFAULT, H5P_DEFAULT);
              }),
              HasSubstr("link 'z' is not followed"));
  EXPECT_THAT(errorAfter([](hid_t file) {
                H5Lcreate_hard(file, "/node", file, "/node/nodes/z",
                               H5P_DEFAULT, H5P_DEFAULT);
              }),
              HasSubstr("node 'z': the group holds itself"));
  EXPECT_THAT(errorAfter([](hid_t file) {
                hid_t create = H5Pcreate(H5P_DATASET_CREATE);
                H5Pset_external(create, "/etc/hosts", 0, 96);
                H5Dclose(replaceData(file, "/node/nodes/fc/weight",
                                     H5T_NATIVE_FLOAT, {4, 6}, nullptr,
                                     create));
                H5Pclose(create);
              }),
              HasSubstr("lie in another file"));
}

TEST(NirHostile, NestingIsLimited) {
  Graph graph = smallGraph();
  for (int depth = 0; depth < 20; ++depth)
    graph = makeGraph({subgraph("g", std::move(graph))}, {});
  auto bytes = writeMemory(graph);
  ASSERT_TRUE(bool(bytes));
  EXPECT_THAT(textOf(readMemory(*bytes, "test.nir")),
              HasSubstr("nested more than 16 deep"));
}

TEST(NirHostile, FilesThatAreNotNir) {
  EXPECT_THAT(textOf(readMemory("hello", "a.nir")),
              HasSubstr("not an HDF5 file"));
  EXPECT_THAT(textOf(readMemory("", "a.nir")), HasSubstr("empty"));
  EXPECT_THAT(textOf(readFile("/no/such/file.nir")),
              StartsWith("file.nir: no such file"));
  EXPECT_THAT(textOf(readFile("/")), HasSubstr("not a regular file"));
  HILLOCK_NEED_DATA();
  EXPECT_THAT(textOf(readFile(dataFolder() +
                              "generated/braille_sample0_activity.nirdata")),
              HasSubstr("recorded data"));
  EXPECT_THAT(textOf(readFile(dataFolder() +
                              "quirks/braille_noDelay_bias_zero_subgraph.nir")),
              AllOf(HasSubstr("node 'lif1', edge 'input' -> 'lif'"),
                    HasSubstr("did you mean 'lif1'?")));
}

/// smallGraph with ten numbers "entry0" = 0, "entry1" = 1, ... as metadata of
/// 'lif', in a group that keeps its links in its object header: in more than
/// one block, of the format \p version (1 or 2).
std::string withCompactGroup(int version) {
  return editedFile(smallGraph(), [=](hid_t file) {
    hid_t create = H5Pcreate(H5P_GROUP_CREATE);
    H5Pset_link_creation_order(create, H5P_CRT_ORDER_TRACKED);
    H5Pset_link_phase_change(create, 20, 10);
    if (version == 2)
      H5Pset_attr_creation_order(create, H5P_CRT_ORDER_TRACKED);
    std::string path = "/node/nodes/lif/metadata";
    hid_t group =
        H5Gcreate2(file, path.c_str(), H5P_DEFAULT, create, H5P_DEFAULT);
    H5G_info_t info;
    ASSERT_GE(H5Gget_info(group, &info), 0);
    EXPECT_EQ(info.storage_type, H5G_STORAGE_TYPE_COMPACT);
    for (double i = 0; i < 10; ++i)
      setData(file, (path + "/entry" + std::to_string(int(i))).c_str(),
              H5T_NATIVE_DOUBLE, {}, &i);
    H5O_info_t object;
    ASSERT_GE(H5Oget_info2(group, &object, H5O_INFO_HDR), 0);
    EXPECT_EQ(object.hdr.version, unsigned(version));
    EXPECT_GT(object.hdr.nchunks, 1u);
    H5Gclose(group);
    H5Pclose(create);
  });
}

TEST(NirHostile, CompactGroupsAreRead) {
  for (int version : {1, 2}) {
    auto graph = readMemory(withCompactGroup(version), "test.nir");
    ASSERT_TRUE(bool(graph)) << textOf(std::move(graph));
    ASSERT_EQ(graph->nodes[2].name, "lif");
    Metadata expected;
    for (int i = 0; i < 10; ++i)
      expected["entry" + std::to_string(i)] = double(i);
    EXPECT_EQ(graph->nodes[2].metadata, expected);
  }
}

TEST(NirHostile, DamagedLinksOfCompactGroupsAreLocated) {
  std::string sound = withCompactGroup(1);
  size_t name = sound.find("entry4");
  ASSERT_NE(name, std::string::npos);
  auto with = [&](size_t at, char value) {
    std::string damaged = sound;
    damaged[at] = value;
    return textOf(readMemory(damaged, "test.nir"));
  };
  // Before the name: version, flags, order of creation (8), length of name.
  ASSERT_EQ(sound[name - 11], 1);
  ASSERT_EQ(sound[name - 1], 6);
  auto place = StartsWith("test.nir: node 'lif', metadata: ");
  EXPECT_THAT(with(name - 11, 7),
              AllOf(place, HasSubstr(" has the unknown version 7")));
  EXPECT_THAT(with(name - 10, 0x24),
              AllOf(place, HasSubstr("unknown flags 36")));
  EXPECT_THAT(with(name - 1, 0), AllOf(place, HasSubstr(" has no name")));
  EXPECT_THAT(with(name - 1, 100), AllOf(place, HasSubstr(" is cut short")));
  EXPECT_THAT(with(name, '/'), AllOf(place, HasSubstr("'/ntry4'")));
  EXPECT_THAT(with(name + 5, '5'), AllOf(place, HasSubstr("'entry5' twice")));
}

TEST(NirHostile, NamesWithoutEndAreNotFollowed) {
  std::string filtered = editedFile(smallGraph(), [](hid_t file) {
    hid_t create = H5Pcreate(H5P_DATASET_CREATE);
    hsize_t chunk[] = {4, 6};
    H5Pset_chunk(create, 2, chunk);
    H5Pset_deflate(create, 4);
    std::vector<float> values(24, 0.5f);
    H5Dclose(replaceData(file, "/node/nodes/fc/weight", H5T_NATIVE_FLOAT,
                         {4, 6}, values.data(), create));
    H5Pclose(create);
  });
  EXPECT_EQ(textOf(readMemory(filtered, "test.nir")), "");
  size_t at = filtered.find(std::string("deflate\0", 8));
  ASSERT_NE(at, std::string::npos);
  filtered[at + 7] = 'x';
  EXPECT_THAT(
      textOf(readMemory(filtered, "test.nir")),
      AllOf(StartsWith("test.nir: node 'fc': 'weight' cannot be opened"),
            HasSubstr("filters is damaged")));
  // What h5py makes of a boolean.
  std::string enumerated = editedFile(smallGraph(), [](hid_t file) {
    hid_t type = H5Tenum_create(H5T_NATIVE_INT8);
    int8_t no = 0, yes = 1;
    H5Tenum_insert(type, "FALSE", &no);
    H5Tenum_insert(type, "TRUE", &yes);
    std::vector<int8_t> values(4, 1);
    setData(file, "/node/nodes/lif/tau", type, {4}, values.data());
    H5Tclose(type);
  });
  EXPECT_EQ(textOf(readMemory(enumerated, "test.nir")), "");
  at = enumerated.find("FALSE");
  ASSERT_NE(at, std::string::npos);
  std::fill_n(enumerated.begin() + ptrdiff_t(at), 18, 'x');
  EXPECT_THAT(textOf(readMemory(enumerated, "test.nir")),
              AllOf(StartsWith("test.nir: node 'lif': 'tau' cannot be opened"),
                    HasSubstr("enumeration is damaged")));
}

/// Reads and, when that works, goes through all later steps.
void process(std::string_view bytes) {
  auto graph = readMemory(bytes, "cut.nir");
  if (!graph)
    return llvm::consumeError(graph.takeError());
  auto flat = normalize(*graph);
  if (!flat)
    return llvm::consumeError(flat.takeError());
  auto resolved = resolve(*flat);
  if (!resolved)
    llvm::consumeError(resolved.takeError());
}

TEST(NirHostile, SurvivesEveryTruncation) {
  auto bytes = writeMemory(smallGraph());
  for (size_t size = 0; size < bytes->size(); size += 61)
    process(std::string_view(*bytes).substr(0, size));
  HILLOCK_NEED_DATA();
  for (const char *name :
       {"generated/nested_recurrent.nir", "generated/all_neurons_vec6.nir",
        "03_rnn/braille_noDelay_bias_zero.nir"}) {
    auto whole = hillock::readFile(dataFolder() + name);
    ASSERT_TRUE(bool(whole));
    for (size_t size = 0; size < whole->size(); size += 512)
      process(std::string_view(*whole).substr(0, size));
  }
}

TEST(NirHostile, SurvivesLostTails) {
  // The length is right, but the end was never written.
  auto bytes = writeMemory(smallGraph());
  for (size_t size = 0; size < bytes->size(); size += 512) {
    std::string damaged = *bytes;
    std::fill(damaged.begin() + ptrdiff_t(size), damaged.end(), '\0');
    process(damaged);
  }
}

} // namespace
} // namespace hillock::nir::test
