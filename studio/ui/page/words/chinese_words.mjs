/** Finding, suggestions and layouts in Simplified Chinese; the English sentence is the key. */

export const RECOGNISED = {
  // finding
  "find: red, sky, wood…": "查找：红色、天空、木头…",
  "Find": "查找",
  "Find by word": "按词查找",
  "Select similar: find what looks like the selected region": "选择相似：查找与所选区域相似的内容",
  "Select a region first; what looks like it is found then.": "请先选中一个区域，再查找与它相似的内容。",
  "Finding needs a photo or a result to look at.": "查找需要一张照片或一个结果。",
  "What was found": "找到的内容",
  "{n} found": "找到 {n} 个",
  "by measured colours and materials": "根据测得的颜色和材质",
  "All or none": "全选或全不选",
  "Discard": "放弃",
  "Make 1 region": "建立 1 个区域",
  "Make {n} regions": "建立 {n} 个区域",
  "Finding {n}, score {s}": "第 {n} 个，得分 {s}",
  // suggestions
  "Suggest captions": "建议描述",
  "Suggested: {text}. Tab accepts it.": "建议：{text}。按 Tab 采纳。",
  "Captions are suggested from a photo or a result; there is none yet.": "描述建议来自照片或结果，目前还没有。",
  "{n} captions suggested: press Tab in an empty caption to accept": "有 {n} 条描述建议：在空白描述中按 Tab 采纳",
  "Every caption is filled in; empty one to be suggested another.": "所有描述都已填写；清空一条即可获得建议。",
  "Suggest a world": "建议一个世界",
  "Three captions for what could be around it; the one you take becomes the scene's caption": "三条关于周围景象的说明；您选中的一条成为场景说明",
  // layouts
  "Layout from a sentence": "由句子生成布局",
  "What the picture shows": "图片的内容",
  "Three red balloons above a white house on a green hill, a tree on the left": "左边有一棵树，右边有一座红色的房子，天空中有三个气球",
  "Instead of the regions that are there": "取代现有区域",
  "Each thing becomes a rough region with its caption, where the words say. Correct it by hand.": "每个物体按句子所说的位置成为一个带描述的粗略区域，请手动修正。",
  "Lay out": "生成布局",
  "{n} regions laid out; correct them by hand. Undo takes them back.": "已布置 {n} 个区域，请手动修正；撤销可恢复。",
};
