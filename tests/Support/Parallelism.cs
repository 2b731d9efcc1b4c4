// TorchSharp 0.107 does not keep a Scalar alive during the native call that reads it: a collection started by another
// thread frees it there ("Unknown scalar type"). And libtorch's threads already use every core.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
