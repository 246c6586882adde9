/** What finding by word, likeness, captions and layouts say, in Chinese. */

/** @type {Record<string, string>} by code */
export const RECOGNISED = {
  "Say what to find: a word such as red, sky or trees.": "请说明要找什么：例如 red、sky 或 trees 这样的词。",
  "What to find is {length} letters long; {most} at most, a word or a short phrase.": "要找的内容有 {length} 个字符，最多 {most} 个：一个词或一个短语。",
  "The region is {width} x {height} pixels, the picture {wide} x {high}; they must be the same size.": "区域为 {width} x {height} 像素，图片为 {wide} x {high}，两者大小必须相同。",
  "The region is empty; draw or click it first.": "该区域为空，请先绘制或单击。",
  "The finder without weights knows colours and materials, not {words}. Say one, such as red, sky or grass, or select one and use Select similar.": "不带权重的查找只认识颜色和材质，不认识 {words}。请说出其中之一，例如 red、sky 或 grass；或选中一个区域后使用“选择相似”。",
  "The finder without weights knows colours and materials, not {words}. Did you mean {near}?": "不带权重的查找只认识颜色和材质，不认识 {words}。您是指 {near} 吗？",
  "finder": "查找模型",
  "captioner": "描述模型",
  "model of features": "特征模型",
  "There is no {kind} called {name}. Give {names}, a folder or a hub id.": "没有名为 {name} 的{kind}。请给出 {names}、文件夹或 hub 标识。",
  "{folder} is no {kind}; its config.json has to say {families}.": "{folder} 不是{kind}；其 config.json 应为 {families}。",
  "{name} is not here and was not fetched from the hub: {reason}": "此处没有 {name}，也未能从 hub 下载：{reason}",
  "no .safetensors file is there": "没有 .safetensors 文件",
  "The weights in {folder} are damaged: {fault}. Fetch them again.": "{folder} 中的权重已损坏：{fault}。请重新下载。",
  "{folder} holds no {name}: {reason}": "{folder} 中没有 {name}：{reason}",
  "{folder} has no tokenizer that can be read: {reason}": "{folder} 中没有可读取的分词器：{reason}",
  "{folder} has no config.json.": "{folder} 中没有 config.json。",
  "{folder} has no .safetensors file; pickles (.bin, .pt) are never read.": "{folder} 中没有 .safetensors 文件；pickle 文件（.bin、.pt）一律不读取。",
  "In {folder} {tensor} is {found}; this {name} has {wanted}.": "{folder} 中 {tensor} 的形状为 {found}，而此 {name} 为 {wanted}。",
  "{folder} lacks {tensor}; it is no {name}.": "{folder} 缺少 {tensor}，它不是 {name}。",
  "There are no features in {weights}. Get dinov2-small, see weights/README.md.": "{weights} 中没有特征模型。请获取 dinov2-small，见 weights/README.md。",
};
