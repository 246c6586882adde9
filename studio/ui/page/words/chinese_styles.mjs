/** Styles in Simplified Chinese; the English sentence is the key. */

export const STYLED = {
  "Style": "风格",
  "A style (LoRA) for the whole picture": "用于整张图片的风格（LoRA）",
  "A style (LoRA) for this region alone": "仅用于此区域的风格（LoRA）",
  "A style for the whole picture": "整张图片的风格",
  "A style for this region": "此区域的风格",
  "Strength of {name}": "{name} 的强度",
  "{what}, as a number": "{what}（数字）",
  "Its file is not in weights/styles; put it there, or take the style off.": "其文件不在 weights/styles 中；请放入该处，或取消此风格。",
  "file missing": "缺少文件",
  "Take the style off": "取消此风格",
  "Take {name} off": "取消 {name}",
  "Say “{word}” in the caption: this style listens to it": "在说明中写入“{word}”：此风格会响应它",
  "Add a file…": "添加文件…",
  "A style is a LoRA file (.safetensors) made for this model. Files up to 50 MB can be added here and are shared by all who use this studio; put larger ones into weights/styles. A picture of the same name beside a file becomes its thumbnail.": "风格是为此模型制作的 LoRA 文件（.safetensors）。可在此添加不超过 50 MB 的文件，由使用此工作室的所有人共享；更大的文件请放入 weights/styles。文件旁同名的图片会成为其缩略图。",
  "There is no style yet.": "还没有风格。",
};
