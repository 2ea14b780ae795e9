"""Pure calculations, named for what they measure: frames and plain values in, frames and plain values out."""
