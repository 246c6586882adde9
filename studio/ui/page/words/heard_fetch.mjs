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
  // the hub
  "{address} has no files of {name} that the studio reads; is this a hub?": "{address} 没有工作室可读取的 {name} 文件；这是模型库吗？",
  "The hub does not know this token; copy it whole from {address}, or make a new one there with read access.": "模型库不认识此令牌；请从 {address} 完整复制，或在那里新建一个具有读取权限的令牌。",
  "HF_HUB_OFFLINE is set, so nothing is fetched from the hub; unset it and try again.": "已设置 HF_HUB_OFFLINE，因此不会从模型库下载；请取消该设置后重试。",
  "The hub at {address} does not answer ({kind}). Is this computer online? What is here already is kept, and the next try goes on with it.": "模型库 {address} 没有响应（{kind}）。此计算机是否已联网？已下载的部分会保留，下次将从中断处继续。",
  "{address} is not there any more; look for {name} on the hub.": "{address} 已不存在；请在模型库中查找 {name}。",
  "The hub at {address} answers with error {status}; try again in a few minutes.": "模型库 {address} 返回错误 {status}；请几分钟后重试。",
  "{name} is gated, and your account may not fetch it yet: open {page}, accept its terms ({licence}), and try again. If you have, the token may not read gated models: {tokens}": "{name} 需要授权，您的账户尚不能下载：请打开 {page}，接受其条款（{licence}）后重试。若已接受，则该令牌可能无权读取受限模型：{tokens}",
  "{name} is gated: open {page}, accept its terms ({licence}), make a token with read access at {tokens}, and give it once; the hub library keeps it.": "{name} 需要授权：请打开 {page}，接受其条款（{licence}），在 {tokens} 新建一个具有读取权限的令牌并提供一次；令牌由模型库的程序库保存。",
  "The hub names a file of {name} {path}, which lies outside its folder; nothing was fetched.": "模型库给出的 {name} 的文件 {path} 位于其文件夹之外；未下载任何内容。",
  "The hub tells no digest of {path} of {name}, so it could not be verified; nothing was fetched.": "模型库没有给出 {name} 中 {path} 的摘要，无法校验；未下载任何内容。",
  "The hub ends {path} after {have} of {size} bytes; try again later. What is here is kept.": "模型库在 {have}/{size} 字节处中断了 {path}；请稍后重试。已下载的部分会保留。",
  "{path} arrived with another digest than the hub tells, so it was thrown away; try again. If it happens twice, something between here and the hub changes files.": "{path} 的摘要与模型库所示不符，已丢弃；请重试。若再次发生，则本机与模型库之间有程序在更改文件。",
  "The disk is full at {path}. Free some space and start the download again: it goes on with what is there.": "{path} 所在磁盘已满。请腾出空间后重新开始下载，将从已有部分继续。",
  "{path} cannot be written: {reason}. Nothing that was there is lost.": "无法写入 {path}：{reason}。已有内容没有丢失。",
  "There is no {name} among the models that the studio knows: {names}.": "工作室所知的模型中没有 {name}：{names}。",
  "{name} needs {needed} more, and {free} are free in {folder}. Free some space, or keep models elsewhere with STUDIO_WEIGHTS.": "{name} 还需要 {needed}，而 {folder} 中剩余 {free}。请腾出空间，或用 STUDIO_WEIGHTS 将模型存放在别处。",
  "{name} is being downloaded by another studio or command already.": "{name} 正由另一个工作室或命令下载。",
};
