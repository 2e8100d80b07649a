#include "sink/store/xml_fields.h"

#include <gtest/gtest.h>

namespace albicilla {
namespace {

TEST(XmlFields, FindTheTextOfAnElement) {
  EXPECT_EQ(xml_field("<a><Code>x &amp;&lt;y&gt; &quot;&apos;</Code></a>", "Code"), "x &<y> \"'");
  EXPECT_EQ(xml_field("<a></a>", "Code"), "");
  EXPECT_EQ(xml_field("<Code>never closed", "Code"), "");
}

TEST(XmlFields, FindEveryElementOfAName) {
  const auto all = xml_elements("<U><K>1</K></U><U><K>2</K></U>", "U");
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(xml_field(all[1], "K"), "2");
}

TEST(XmlFields, EscapeWhatXmlReserves) {
  EXPECT_EQ(xml_escape("a<b>&\"'"), "a&lt;b&gt;&amp;&quot;&apos;");
  EXPECT_EQ(xml_field("<k>" + xml_escape("a<b>&\"'") + "</k>", "k"), "a<b>&\"'");
}

}  // namespace
}  // namespace albicilla
