#include "converter/reading/item_form.h"

#include <cstddef>
#include <cstring>

namespace albicilla {

namespace {

constexpr std::uint32_t kMostBytes = 1U << 30;

struct ViewForm {
  std::uint32_t at;
  std::uint32_t size : 30;
  std::uint32_t escaped : 1;
  std::uint32_t canonical : 1;
};

struct ItemForm {
  std::uint32_t part_count;
  ViewForm result_for;
  ViewForm name;
  Role role;
  bool is_error;
};

struct PartForm {
  ViewForm text;
  ViewForm raw;
  ViewForm id;
  ViewForm name;
  ViewForm arguments;
  PartKind kind;
  ArgumentsKind arguments_kind;
  bool arguments_are_ours;
};

class FormWriter {
 public:
  FormWriter(std::string& out, std::string_view raw) : out_(out), raw_(raw) {}

  void item(const Item& item) {
    put(ItemForm{item.part_count, text(item.result_for), text(item.name), item.role,
                 item.is_error});
  }
  void part(const Part& part) {
    put(PartForm{text(part.text), view(part.raw), text(part.id), text(part.name),
                 view(part.arguments), part.kind, part.arguments_kind, part.arguments_are_ours});
  }
  bool fits() const { return fits_; }

 private:
  ViewForm view(std::string_view inside) {
    if (inside.empty()) return {0, 0, 0, 1};
    const bool within =
        inside.data() >= raw_.data() && inside.data() + inside.size() <= raw_.data() + raw_.size();
    if (!within) {
      fits_ = false;
      return {};
    }
    return {static_cast<std::uint32_t>(inside.data() - raw_.data()),
            static_cast<std::uint32_t>(inside.size()) & (kMostBytes - 1), 0, 1};
  }
  ViewForm text(const RawString& text) {
    ViewForm form = view(text.body);
    form.escaped = text.escaped ? 1 : 0;
    form.canonical = text.canonical ? 1 : 0;
    return form;
  }
  template <class Form>
  void put(const Form& form) {
    out_.append(reinterpret_cast<const char*>(&form), sizeof form);
  }

  std::string& out_;
  std::string_view raw_;
  bool fits_ = true;
};

class FormReader {
 public:
  FormReader(std::string_view raw, std::string_view forms) : raw_(raw), at_(forms.data()) {}

  void pass_item() {
    const auto form = take<ItemForm>();
    at_ += form.part_count * sizeof(PartForm);
  }
  void item(ItemList& list) {
    const auto form = take<ItemForm>();
    list.items.push_back({form.role, static_cast<std::uint32_t>(list.parts.size()), form.part_count,
                          text(form.result_for), text(form.name), form.is_error});
    for (std::uint32_t i = 0; i < form.part_count; ++i) {
      const auto part = take<PartForm>();
      list.parts.push_back({part.kind, text(part.text), view(part.raw), text(part.id),
                            text(part.name), view(part.arguments), part.arguments_kind,
                            part.arguments_are_ours});
    }
  }

 private:
  template <class Form>
  Form take() {
    Form form;
    std::memcpy(&form, at_, sizeof form);
    at_ += sizeof form;
    return form;
  }
  std::string_view view(const ViewForm& form) const {
    return form.size == 0 ? std::string_view{} : raw_.substr(form.at, form.size);
  }
  RawString text(const ViewForm& form) const {
    return {view(form), form.escaped != 0, form.canonical != 0};
  }

  std::string_view raw_;
  const char* at_;
};

}  // namespace

bool append_item_forms(std::string& out, std::string_view raw, const ItemList& list) {
  if (raw.size() >= kMostBytes) return false;
  const std::size_t before = out.size();
  FormWriter writer(out, raw);
  for (const Item& item : list.items) {
    writer.item(item);
    for (std::uint32_t i = 0; i < item.part_count; ++i) {
      writer.part(list.parts[item.first_part + i]);
    }
  }
  if (!writer.fits()) out.resize(before);
  return writer.fits();
}

void read_item_form(std::string_view raw, std::string_view forms, std::uint32_t place,
                    ItemList& list) {
  FormReader reader(raw, forms);
  for (std::uint32_t i = 0; i < place; ++i) reader.pass_item();
  reader.item(list);
}

}  // namespace albicilla
