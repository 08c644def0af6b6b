// Picture files in a browser, and the clipboard.

const LONGEST = 2048; // Pixels of a side of what is made a PNG here.
// How the files start that the demo's own server reads; the rest goes as PNG, made by the browser.
const READ = [
  [0x89, 0x50, 0x4e, 0x47], // PNG
  [0xff, 0xd8, 0xff], // JPEG
  [0x47, 0x49, 0x46, 0x38], // GIF
  [0x42, 0x4d], // BMP
  [0x52, 0x49, 0x46, 0x46], // WebP
  [0x49, 0x49, 0x2a, 0x00], // TIFF
  [0x4d, 0x4d, 0x00, 0x2a],
];

export async function sentAsItIs(file) {
  const start = new Uint8Array(await file.slice(0, 4).arrayBuffer());
  return READ.some((bytes) => bytes.every((byte, index) => start[index] === byte));
}

/** What the browser makes of a file, upright; null where it can make nothing of it. */
export async function picture(file) {
  try {
    return await createImageBitmap(file);
  } catch {
    return drawnFrom(file);
  }
}

/** A vector graphic, which has no pixels of its own. */
async function drawnFrom(file) {
  if (!file.type.startsWith("image/svg")) return null;
  const image = new Image();
  image.src = URL.createObjectURL(file);
  try {
    await image.decode();
    const canvas = document.createElement("canvas");
    const [width, height] = [image.naturalWidth || 300, image.naturalHeight || 300];
    const scale = 512 / Math.max(width, height);
    [canvas.width, canvas.height] = [Math.max(width * scale, 1), Math.max(height * scale, 1)];
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    return canvas;
  } catch {
    return null;
  } finally {
    URL.revokeObjectURL(image.src);
  }
}

/** A picture or a canvas as a PNG file. */
export function asPng(image) {
  const scale = Math.min(1, LONGEST / Math.max(image.width, image.height));
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.width, image.height].map((side) => Math.max(Math.round(side * scale), 1));
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

/** Copies an element's text, and says in a word or two how that went. */
export async function copy(element) {
  try {
    await navigator.clipboard.writeText(element.textContent);
    return "Copied";
  } catch {
    // Browsers have that clipboard over https and on this machine only.
    getSelection().selectAllChildren(element);
    const copied = document.execCommand("copy");
    if (copied) getSelection().removeAllRanges();
    return copied ? "Copied" : "Selected: press Ctrl-C";
  }
}
