/** What getting and converting models says, in Chinese. */

/** @type {Record<string, string>} by code */
export const FETCHED = {
  "{folder} holds a model already; nothing was written. Choose another folder with --out, or delete it first.": "{folder} 中已有模型，未写入任何内容。请用 --out 另选文件夹，或先将其删除。",
  "{file} is not there; give the checkpoint to convert.": "{file} 不存在；请给出要转换的检查点文件。",
  "{file} is neither safetensors nor a checkpoint of torch; give one of Meta's sam2.1_hiera_*.pt. It was not opened.": "{file} 既不是 safetensors 也不是 torch 的检查点；请给出 Meta 的 sam2.1_hiera_*.pt 之一。该文件未被打开。",
  "{file} is half a download or damaged ({size} bytes); fetch it again.": "{file} 未下载完整或已损坏（{size} 字节），请重新下载。",
  "{file} holds more than tensors, so it was not opened: a pickle can run code. Give one of Meta's own sam2.1_hiera_*.pt.": "{file} 中不止有张量，因此未打开：pickle 可以运行代码。请给出 Meta 原版的 sam2.1_hiera_*.pt 之一。",
  "{file} cannot be read as a checkpoint of torch: {reason}": "无法将 {file} 作为 torch 检查点读取：{reason}",
  "{file} holds {name}, which is no tensor; it is no SAM 2.1.": "{file} 含有 {name}，它不是张量；该文件不是 SAM 2.1。",
  "{file} has {blocks} blocks of width {width}; the published sizes are {known}.": "{file} 有 {blocks} 个宽度为 {width} 的块；已发布的规格为 {known}。",
  "{file} holds no tensors by name; it is no SAM 2.1.": "{file} 不含带名称的张量；该文件不是 SAM 2.1。",
  "{file} has no {wanted}, and its first tensor is {first}; it is no SAM 2.1 in Meta's layout.": "{file} 没有 {wanted}，其第一个张量是 {first}；它不是 Meta 布局的 SAM 2.1。",
  "{folder} was not written: {reason}. Free some space or choose another folder with --out.": "{folder} 未写入：{reason}。请腾出空间，或用 --out 另选文件夹。",
};
