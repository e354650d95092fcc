//===- compiler/frontend/nir/Links.cpp - Listing HDF5 groups --------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/Describe.h"
#include "compiler/frontend/nir/Hdf5File.h"
#include "compiler/frontend/nir/ObjectHeader.h"
#include <algorithm>

namespace hillock::nir {

namespace {

constexpr size_t largestGroup = size_t{1} << 20; // links

herr_t addLink(hid_t, const char *name, const H5L_info_t *info, void *data) {
  auto *links = static_cast<std::vector<Link> *>(data);
  bool hard = info->type == H5L_TYPE_HARD;
  links->push_back(
      {name, LinkKind::Other, hard ? info->u.address : HADDR_UNDEF});
  return links->size() > largestGroup ? 1 : 0;
}

} // namespace

Expected<std::vector<Link>>
Hdf5File::compactLinks(hid_t group, const std::string &where) const {
  H5O_info_t info;
  auto source = raw();
  if (!source || H5Oget_info2(group, &info, H5O_INFO_BASIC) < 0)
    return inputError(withReason("the group cannot be listed"), where,
                      "the file is damaged; export it again");
  auto found = readCompactLinks(*source, info.addr);
  if (auto *problem = std::get_if<std::string>(&found))
    return inputError("the group cannot be listed: " + *problem, where,
                      "the file is damaged; export it again");
  std::vector<Link> links;
  for (RawLink &link : std::get<0>(found))
    links.push_back({std::move(link.name), LinkKind::Other,
                     link.address.value_or(HADDR_UNDEF)});
  return links;
}

Expected<std::vector<Link>> Hdf5File::allLinks(hid_t group,
                                               const std::string &where) const {
  std::vector<Link> links;
  hsize_t index = 0;
  H5G_info_t info;
  herr_t code = H5Gget_info(group, &info);
  if (code >= 0 && info.storage_type == H5G_STORAGE_TYPE_COMPACT)
    return compactLinks(group, where);
  // Any other order goes through a table that a damaged file leaves unfilled.
  if (code >= 0)
    code = H5Literate(group, H5_INDEX_NAME, H5_ITER_NATIVE, &index, addLink,
                      &links);
  if (code < 0)
    return inputError(withReason("the group cannot be listed"), where,
                      "the file is damaged; export it again");
  if (code > 0)
    return inputError("the group holds more than " +
                          withSeparators(uint64_t{largestGroup}) + " names",
                      where);
  return links;
}

Expected<std::vector<Link>> Hdf5File::list(hid_t group,
                                           const std::string &where) const {
  auto found = allLinks(group, where);
  if (!found)
    return found.takeError();
  std::vector<Link> links = std::move(*found);
  std::sort(links.begin(), links.end(),
            [](const Link &a, const Link &b) { return a.name < b.name; });
  for (size_t i = 0; i < links.size(); ++i) {
    const std::string &name = links[i].name;
    bool twice = i > 0 && name == links[i - 1].name;
    // As a path, such a name leads to another object than the link does.
    if (twice || name == "." || name.find('/') != std::string::npos)
      return inputError("the group holds the name " + quoteName(name) +
                            (twice ? " twice" : ", which names nothing"),
                        where, "the file is damaged; export it again");
  }
  auto source = raw();
  if (!source)
    return inputError(withReason("the group cannot be listed"), where);
  for (Link &link : links) {
    if (link.address == HADDR_UNDEF)
      return inputError("the soft or external link " + quoteName(link.name) +
                            " is not followed",
                        where, "store the data itself in the file");
    std::string problem = findHeaderProblem(*source, link.address);
    if (!problem.empty())
      return inputError(quoteName(link.name) + " cannot be opened: " + problem,
                        where, "the file is damaged; export it again");
    Handle object(H5Oopen(group, link.name.c_str(), H5P_DEFAULT), H5Oclose);
    H5I_type_t type = object ? H5Iget_type(object.get()) : H5I_BADID;
    if (type == H5I_GROUP)
      link.kind = LinkKind::Group;
    else if (type == H5I_DATASET)
      link.kind = LinkKind::Dataset;
  }
  return links;
}

} // namespace hillock::nir
