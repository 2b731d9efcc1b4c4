namespace KdMtlBench.Contracts;

/// <summary>Which statistics a teacher's batch norm uses; an option of strategies that need teachers.</summary>
public enum TeacherMode
{
    /// <summary>The statistics that the teacher has learnt: an image's features do not depend on its batch.</summary>
    Eval,

    /// <summary>Each batch's own statistics, as in the public code of Li &amp; Bilen. The learnt ones do not change.</summary>
    Train,
}
