/** What finding by word, likeness, captions and layouts say, in Chinese. */

/** @type {Record<string, string>} by code */
export const RECOGNISED = {
  "Say what to find: a word such as red, sky or trees.": "请说明要找什么：例如 red、sky 或 trees 这样的词。",
  "What to find is {length} letters long; {most} at most, a word or a short phrase.": "要找的内容有 {length} 个字符，最多 {most} 个：一个词或一个短语。",
  "The region is {width} x {height} pixels, the picture {wide} x {high}; they must be the same size.": "区域为 {width} x {height} 像素，图片为 {wide} x {high}，两者大小必须相同。",
  "The region is empty; draw or click it first.": "该区域为空，请先绘制或单击。",
  "The finder without weights knows colours and materials, not {words}. Say one, such as red, sky or grass, or select one and use Select similar.": "不带权重的查找只认识颜色和材质，不认识 {words}。请说出其中之一，例如 red、sky 或 grass；或选中一个区域后使用“选择相似”。",
  "The finder without weights knows colours and materials, not {words}. Did you mean {near}?": "不带权重的查找只认识颜色和材质，不认识 {words}。您是指 {near} 吗？",
  "There is nothing called {name} to recognise with. Give {names}.": "没有名为 {name} 的识别模型。请给出 {names}。",
  "There are no features in {weights}. Get dinov2-small, see weights/README.md.": "{weights} 中没有特征模型。请获取 dinov2-small，见 weights/README.md。",
};
